"""Authentication, messaging and commands of the chip, against NXP's examples and our own."""

from contextlib import suppress

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from betang.core.card import chip_commands as cc
from betang.core.card.card_file import card_file, card_settings, read_url
from betang.core.card.chip import read_tap_url
from betang.core.card.ev2 import (
    Authentication,
    CommMode,
    MessagingError,
    Session,
    pad,
    session_keys,
    unpad,
)
from betang.core.card.file_settings import FREE, FileSettings, SettingsError
from betang.core.card.originality import is_original
from betang.core.card.sdm import PiccData, file_encryption_key, read_file_data, read_picc_data
from tests.core.card.vectors import read

VECTORS = read("chip.json")
HOST = VECTORS["host"]
NAMED = {case["name"]: case for case in VECTORS["published"] + VECTORS["ours"]}
COMMANDS = [case for case in NAMED.values() if case["kind"] == "ev2-command"]
BLOCK = st.binary(min_size=16, max_size=16)
MODES = st.sampled_from(CommMode)


def hexed(facts: dict) -> dict:
    """Read the hexadecimal values of a case; what is none stays."""
    read_ = {}
    for name, value in facts.items():
        read_[name] = value
        with suppress(ValueError, TypeError):
            read_[name] = bytes.fromhex(value)
    return read_


def session_of(facts: dict) -> Session:
    return Session(facts["KSesAuthENC"] or b"", facts["KSesAuthMAC"], facts["TI"], facts["CmdCtr"])


class TestAuthentication:
    CASE = NAMED["an12196-t14-authev2first-key0"]
    FACTS, EXPECTED = hexed(CASE["given"]), hexed(CASE["expected"])

    def ours(self, key: bytes | None = None) -> Authentication:
        return Authentication(0, self.FACTS["key"] if key is None else key, self.FACTS["RndA"])

    @pytest.mark.parametrize("place", range(32))
    def test_refuses_an_answer_that_was_changed_or_cut(self, place):
        answer = bytearray(self.FACTS["part2_response"])
        if place < 20:  # the last 12 bytes are capabilities, which prove nothing
            answer[place] ^= 1
            with pytest.raises(MessagingError):
                self.ours().finish(self.FACTS["enc_RndB"], bytes(answer))
        with pytest.raises(MessagingError):
            self.ours().finish(self.FACTS["enc_RndB"], bytes(answer[:place]))

    def test_refuses_a_card_with_another_key(self):
        with pytest.raises(MessagingError):
            self.ours(bytes(15) + b"\1").finish(
                self.FACTS["enc_RndB"], self.FACTS["part2_response"]
            )

    def test_the_example_of_an12196(self):
        proof = self.ours().prove(self.FACTS["enc_RndB"])
        session = self.ours().finish(self.FACTS["enc_RndB"], self.FACTS["part2_response"])

        assert cc.native(0x71, self.ours().begin()) == self.FACTS["cmd1"]
        assert proof == self.EXPECTED["part2_cmd_data"]
        assert cc.native(0xAF, proof) == self.EXPECTED["part2_capdu"]
        assert session.transaction == self.EXPECTED["TI"]
        assert session.encryption_key == self.EXPECTED["KSesAuthENC"]
        assert session.mac_key == self.EXPECTED["KSesAuthMAC"]

    def test_our_session_keys_which_mix_both_challenges(self):
        case = NAMED["session keys of two challenges"]
        facts, expected = hexed(case["given"]), hexed(case["expected"])

        assert session_keys(facts["key"], facts["RndA"], facts["RndB"]) == (
            expected["KSesAuthENC"],
            expected["KSesAuthMAC"],
        )

    def test_tells_no_key(self):
        shown = repr(self.ours()) + repr(Session(b"\xaa" * 16, b"\xbb" * 16, bytes(4)))

        assert "aaaa" not in shown
        assert "\\xaa" not in shown
        assert "rnd_a" not in shown


class TestCommands:
    @pytest.mark.parametrize("case", COMMANDS, ids=lambda case: case["name"])
    def test_each_published_command_and_ours(self, case):
        facts, expected = hexed(case["given"]), hexed(case["expected"])
        mode, code = CommMode[case["given"]["CommMode"].upper()], facts["INS"][0]
        session = session_of(facts)
        if "IVc" in expected:
            assert session.command_iv() == expected["IVc"]

        body = session.wrap_command(code, facts["CmdHeader"], facts.get("CmdData_plain", b""), mode)

        assert cc.native(code, body) == expected["C-APDU"]
        if "R-APDU" in expected:
            answer = expected["R-APDU"][:-2]
        else:
            answer = expected.get("R-data", b"") + expected["R-MACt"]
        told = session.unwrap_answer(cc.OK, answer, mode)
        assert told == facts.get("answer_plain", expected.get("R-data", b""))
        assert session.counter == facts["CmdCtr"] + 1

    @pytest.mark.parametrize("name", [name for name in NAMED if name.startswith("ChangeKey")])
    def test_our_changes_of_keys(self, name):
        facts = hexed(NAMED[name]["given"])

        data = cc.change_key_data(facts["number"], facts["new"], facts["old"], facts["version"])

        assert data == facts["CmdData_plain"]

    def test_the_published_change_of_a_key(self):
        case = NAMED["an12196-t25-changekey-case1"]
        data = bytes.fromhex(case["given"]["CmdData_plain"])

        assert cc.change_key_data(2, data[:16], bytes(16), 1) == data
        assert cc.crc32(data[:16]).hex() == case["expected"]["CRC32NK"]

    @seed(62)
    @given(BLOCK, BLOCK, st.integers(0, 0xFFFE), st.binary(max_size=200), MODES)
    def test_the_card_reads_what_the_reader_says_and_answers(self, key, mac, number, data, mode):
        reader, card = (Session(key, mac, b"abcd", number) for _ in range(2))

        body = reader.wrap_command(0x8D, b"\2" + bytes(6), data, mode)
        assert card.unwrap_command(0x8D, 7, body, mode) == data
        assert reader.unwrap_answer(0, card.wrap_answer(0, data, mode), mode) == data

    @seed(62)
    @given(st.data(), st.sampled_from([CommMode.MAC, CommMode.FULL]))
    def test_a_byte_changed_on_the_way_is_refused_by_either_end(self, data, mode):
        reader, card = (Session(bytes(16), b"\1" * 16, b"abcd") for _ in range(2))
        body = bytearray(reader.wrap_command(0x8D, bytes(7), b"something", mode))
        place = data.draw(st.integers(0, len(body) - 1))
        body[place] ^= data.draw(st.integers(1, 255))
        with pytest.raises(MessagingError):
            card.unwrap_command(0x8D, 7, bytes(body), mode)

        answer = bytearray(card.wrap_answer(0, b"something", mode))
        answer[data.draw(st.integers(0, len(answer) - 1))] ^= data.draw(st.integers(1, 255))
        with pytest.raises(MessagingError):
            reader.unwrap_answer(0, bytes(answer), mode)

    def test_an_answer_said_twice_is_refused(self):
        reader, card = (Session(bytes(16), b"\1" * 16, b"abcd") for _ in range(2))
        answer = card.wrap_answer(0, b"", CommMode.MAC)
        reader.unwrap_answer(0, answer, CommMode.MAC)

        with pytest.raises(MessagingError):
            reader.unwrap_answer(0, answer, CommMode.MAC)

    @pytest.mark.parametrize("data", [b"", bytes(16), b"\1" * 16, b"\x80" + bytes(16)], ids=str)
    def test_wrong_padding_is_refused(self, data):
        with pytest.raises(MessagingError):
            unpad(data)

    @seed(62)
    @given(st.binary(max_size=64))
    def test_padding_comes_off_again(self, data):
        assert len(pad(data)) % 16 == 0
        assert unpad(pad(data)) == data


class TestFileSettings:
    TOLD = bytes.fromhex(NAMED["an12196-t7-getfilesettings-mac"]["expected"]["R-data"])
    CHANGED = bytes.fromhex(NAMED["an12196-t18-changefilesettings"]["given"]["CmdData_plain"])

    @pytest.mark.parametrize("size", range(24))
    def test_refuses_settings_that_are_cut(self, size):
        with pytest.raises(SettingsError):
            FileSettings.of_told(self.TOLD[:size])

    def test_refuses_more_than_settings_and_another_kind_of_file(self):
        for data in (self.TOLD + b"\0", b"\1" + self.TOLD[1:], bytes(8)):
            with pytest.raises(SettingsError):
                FileSettings.of_told(data)

    @seed(62)
    @given(st.binary(max_size=40))
    def test_never_breaks_on_any_bytes(self, data):
        with suppress(SettingsError):
            assert FileSettings.of_told(data).told() is not None

    def test_reads_and_writes_the_examples_of_an12196(self):
        told, changed = FileSettings.of_told(self.TOLD), FileSettings.of_change(self.CHANGED)

        assert told.told() == self.TOLD
        assert changed.change() == self.CHANGED
        assert told.size == 256
        assert told.mirroring.encrypted == (0x44, 0x20)
        assert (changed.rights.read, changed.rights.write) == (FREE, 0)
        assert (changed.mirroring.meta_read, changed.mirroring.file_read) == (2, 1)

    def test_our_settings_point_at_the_zeros_of_our_file(self):
        file, how = card_file(HOST), card_settings(HOST).mirroring
        url = read_url(file[2:])

        assert url == f"https://{HOST}/t?u={'0' * 14}&n={'0' * 6}&c={'0' * 16}"
        assert file[how.uid_offset - 2 : how.uid_offset + 14] == b"u=" + b"0" * 14
        assert file[how.counter_offset - 3 : how.counter_offset + 6] == b"&n=000000"
        assert file[how.mac_offset - 3 :] == b"&c=" + b"0" * 16
        assert how.mac_input_offset == how.mac_offset
        assert read_tap_url(url, host=HOST) is not None
        assert (
            card_settings(HOST).change().hex()
            == NAMED["ChangeFileSettings of our cards"]["given"]["CmdData_plain"]
        )

    def test_a_host_too_long_for_one_command_is_refused(self):
        with pytest.raises(ValueError, match="too long"):
            card_file("a" * 200)


class TestEncryptedMirrors:
    def test_the_uid_and_counter_of_an12196(self):
        case = NAMED["an12196-table2-piccdata"]
        facts = hexed(case["given"])

        picc = read_picc_data(facts["K_SDMMetaRead"], facts["PICCENCData"])

        assert picc.uid.hex() == case["expected"]["UID"]
        assert picc.counter == case["expected"]["SDMReadCtr"]
        with pytest.raises(MessagingError):
            read_picc_data(b"\1" * 16, facts["PICCENCData"])
        with pytest.raises(MessagingError):
            read_picc_data(facts["K_SDMMetaRead"], facts["PICCENCData"][:15])

    def test_the_encrypted_file_data_of_an12196(self):
        case = NAMED["an12196-p18-encfile"]
        facts = hexed(case["given"])
        picc = read_picc_data(facts["K_SDMMetaRead"], facts["PICCENCData"])

        plain = read_file_data(facts["K_SDMFileRead"], picc, facts["SDMENCFileData"])

        assert plain.decode() == case["expected"]["file_data_ascii"]

    def test_the_encryption_key_of_an12196(self):
        case = NAMED["an12196-table1-sdm-session-keys"]
        facts = hexed(case["given"])

        key = file_encryption_key(facts["K_SDMFileRead"], PiccData(facts["UID"], 1))

        assert key.hex() == case["expected"]["KSesSDMFileReadENC"]


class TestOriginality:
    @pytest.mark.parametrize("case", VECTORS["originality"], ids=lambda case: case["name"])
    def test_each_signature(self, case):
        uid, signature = bytes.fromhex(case["uid"]), bytes.fromhex(case["signature"])

        assert is_original(uid, signature) is case["original"]
        assert not is_original(uid, signature[:-1])
        assert not is_original(uid, bytes(56))
        assert not is_original(uid[:-1] + b"\1", signature)

"""Secure messaging with a chip, against NXP's worked examples and itself from the other side."""

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from betang.core.card import ev2, sdm
from betang.core.card.chip_commands import (
    CHANGE_KEY,
    CHANGE_SETTINGS,
    WRITE_DATA,
    ChipRefusedError,
    Dialogue,
    crc32,
)
from betang.core.card.ev2 import NotAuthenticError, Session
from betang.core.card.file_settings import FREE, NEVER, FileSettings, Mirror, NotSettingsError
from betang.core.card.originality import is_original
from tests.core.card.vectors import read

PUBLISHED = {case["name"]: case for case in read("chip.json")["published"]}
BLOCK = st.binary(min_size=16, max_size=16)


def facts(name: str) -> tuple[dict, dict]:
    """Give what a published case is given and what it expects, hex read as bytes."""
    case = PUBLISHED[name]
    return tuple({key: _read(value) for key, value in case[half].items()} for half in
                 ("given", "expected"))  # fmt: skip


def _read(value: object) -> object:
    try:
        return bytes.fromhex(value) if isinstance(value, str) else value
    except ValueError:
        return value


def session(given_: dict) -> Session:
    return Session(
        given_["KSesAuthENC"] or bytes(16), given_["KSesAuthMAC"], given_["TI"], given_["CmdCtr"]
    )


class Chip:
    """A chip that expects exactly these commands, and answers so."""

    def __init__(self, *turns: tuple[bytes, bytes]) -> None:
        self.turns = list(turns)

    def __call__(self, command: bytes) -> bytes:
        expected, answer = self.turns.pop(0)
        assert command.hex() == expected.hex()
        return answer


class TestAuthentication:
    @pytest.mark.parametrize("size", [0, 15, 17, 31, 33])
    def test_refuses_parts_of_another_length(self, size):
        with pytest.raises(NotAuthenticError):
            ev2.answer_challenge(bytes(16), bytes(size))
        _, kept = ev2.answer_challenge(bytes(16), bytes(16))
        with pytest.raises(NotAuthenticError):
            ev2.open_session(kept, bytes(size))

    @seed(62)
    @given(BLOCK, BLOCK, BLOCK, BLOCK)
    def test_refuses_a_chip_that_holds_another_key(self, key, other, ours, theirs):
        answer, kept = ev2.answer_challenge(key, ev2.challenge_from_chip(key, theirs), random=ours)
        if other == key:
            return
        with pytest.raises(NotAuthenticError):
            ev2.accept_answer(other, theirs, answer, bytes(4))
        with pytest.raises(NotAuthenticError):
            ev2.open_session(kept, ev2.challenge_from_chip(other, bytes(32)))

    def test_the_example_of_an12196(self):
        given_, expected = facts("an12196-t14-authev2first-key0")
        chip = Chip(
            (given_["cmd1"], given_["enc_RndB"] + b"\x91\xaf"),
            (expected["part2_capdu"], given_["part2_response"] + b"\x91\x00"),
        )
        dialogue = Dialogue(chip)

        dialogue.authenticate(0, given_["key"], random=given_["RndA"])

        opened = dialogue._session
        assert opened.identifier == expected["TI"]
        assert opened.encryption_key == expected["KSesAuthENC"]
        assert opened.mac_key == expected["KSesAuthMAC"]

    @seed(62)
    @given(BLOCK, BLOCK, BLOCK, st.binary(min_size=4, max_size=4))
    def test_both_sides_derive_the_same_session(self, key, ours, theirs, identifier):
        answer, kept = ev2.answer_challenge(key, ev2.challenge_from_chip(key, theirs), random=ours)
        second, inside = ev2.accept_answer(key, theirs, answer, identifier)

        assert ev2.open_session(kept, second) == inside


class TestCommands:
    @pytest.mark.parametrize(
        ("name", "instruction"),
        [
            ("an12196-t17-writedata-full", WRITE_DATA),
            ("an12196-t18-changefilesettings", CHANGE_SETTINGS),
            ("an12196-t25-changekey-case1", CHANGE_KEY),
        ],
    )
    def test_each_full_example_of_an12196(self, name, instruction):
        given_, expected = facts(name)
        opened = session(given_)
        sent = opened.encrypted_command(given_["CmdData_plain"])
        mac = opened.command_mac(instruction, given_["CmdHeader"], sent)
        body = given_["CmdHeader"] + sent + mac

        assert bytes([0x90, instruction, 0, 0, len(body)]) + body + b"\0" == expected["C-APDU"]
        assert opened.decrypted_command(sent) == given_["CmdData_plain"]
        opened.step()
        assert opened.answer_mac(0x00) == expected["R-MACt"]

    def test_the_example_in_mac_mode_of_an12196(self):
        given_, expected = facts("an12196-t7-getfilesettings-mac")
        chip = Chip((expected["C-APDU"], expected["R-data"] + expected["R-MACt"] + b"\x91\x00"))
        dialogue = Dialogue(chip)
        dialogue._session = session(given_)

        assert dialogue.file_settings(2) == expected["R-data"]

    def test_an_altered_answer_ends_the_session(self):
        given_, expected = facts("an12196-t7-getfilesettings-mac")
        altered = bytes([expected["R-data"][0] ^ 1]) + expected["R-data"][1:]
        chip = Chip((expected["C-APDU"], altered + expected["R-MACt"] + b"\x91\x00"))
        dialogue = Dialogue(chip)
        dialogue._session = session(given_)

        with pytest.raises(NotAuthenticError):
            dialogue.file_settings(2)
        with pytest.raises(NotAuthenticError, match="needs a session"):
            dialogue.file_settings(2)

    def test_what_the_station_writes_is_the_example_of_an12196(self):
        given_, expected = facts("an12196-t25-changekey-case1")
        new = given_["CmdData_plain"][:16]
        chip = Chip((expected["C-APDU"], expected["R-MACt"] + b"\x91\x00"))
        dialogue = Dialogue(chip)
        dialogue._session = session(given_)

        assert crc32(new) == expected["CRC32NK"]
        dialogue.change_key(2, new, old=bytes(16), version=1)

    def test_a_changed_key_is_mixed_with_the_old_one(self):
        """The published old key is all zeros, which pins nothing: this case is ours."""
        case = next(one for one in read("chip.json")["ours"] if one["kind"] == "change-key")
        given_ = {name: _read(value) for name, value in case["given"].items()}
        chip = Chip((bytes.fromhex(case["expected"]["C-APDU"]),
                     bytes.fromhex(case["expected"]["R-MACt"]) + b"\x91\x00"))  # fmt: skip
        dialogue = Dialogue(chip)
        dialogue._session = session(given_)

        dialogue.change_key(given_["key_number"], given_["new"], old=given_["old"], version=2)

    def test_changing_the_key_of_the_session_ends_it(self):
        dialogue = Dialogue(lambda command: b"\x91\x00")
        dialogue._session = Session(bytes(16), bytes(16), bytes(4))

        dialogue.change_key(0, bytes(range(16)), old=bytes(16), version=1)

        with pytest.raises(NotAuthenticError, match="needs a session"):
            dialogue.uid()

    def test_a_refusal_tells_its_reason_and_ends_the_session(self):
        dialogue = Dialogue(lambda command: b"\x91\xae")
        dialogue._session = Session(bytes(16), bytes(16), bytes(4))

        with pytest.raises(ChipRefusedError) as refused:
            dialogue.uid()
        assert refused.value.reason == "authentication_error"
        assert dialogue._session is None


class TestEncryption:
    @seed(62)
    @given(BLOCK, BLOCK, st.binary(min_size=1, max_size=200), st.integers(0, 0xFFFE))
    def test_what_one_side_encrypts_the_other_reads(self, key, mac_key, data, counter):
        opened = Session(key, mac_key, bytes(4), counter)

        assert opened.decrypted_command(opened.encrypted_command(data)) == data
        assert opened.decrypted_answer(opened.encrypted_answer(data)) == data
        assert opened.encrypted_answer(data) != opened.encrypted_command(data)

    @seed(62)
    @given(st.binary(max_size=64))
    def test_padding_is_undone_exactly_or_refused(self, data):
        assert ev2.unpadded(ev2.padded(data)) == data
        try:
            bare = ev2.unpadded(data)
        except NotAuthenticError:
            return
        assert len(data) % 16 or ev2.padded(bare) == data or not data


class TestFileSettings:
    #: Ours (docs/protocols/chip.md).
    CARD = FileSettings(
        FREE, 3, NEVER, 0, mirror=Mirror(FREE, 2, NEVER, uid_at=30, counter_at=47, mac_input_at=56,
                                         mac_at=56),
    )  # fmt: skip

    def test_the_example_of_an12196(self):
        written = PUBLISHED["an12196-t18-changefilesettings"]["given"]["CmdData_plain"]
        settings = FileSettings(
            read=0xE, write=0, read_write=0, change=0,
            mirror=Mirror(2, 1, 1, picc_at=0x20, mac_input_at=0x43, mac_at=0x43),
        )  # fmt: skip

        assert settings.to_bytes().hex() == written.lower()
        assert FileSettings.from_bytes(bytes.fromhex(written)) == settings

    @pytest.mark.parametrize("spoilt", ["", "40", "40E0F1", "02EEEE", "80EEEE", "40EEEE0E0000"])
    def test_refuses_other_bytes(self, spoilt):
        with pytest.raises(NotSettingsError):
            FileSettings.from_bytes(bytes.fromhex(spoilt))

    def test_refuses_a_byte_less_and_a_byte_more(self):
        written = self.CARD.to_bytes()
        for changed in (written[:-1], written + b"\0"):
            with pytest.raises(NotSettingsError):
                FileSettings.from_bytes(changed)
        assert FileSettings.from_bytes(written) == self.CARD

    @seed(62)
    @given(st.binary(max_size=40))
    def test_reads_any_bytes_or_refuses_them(self, data):
        try:
            settings = FileSettings.from_bytes(data)
        except NotSettingsError:
            return
        assert FileSettings.from_bytes(settings.to_bytes()) == settings


class TestEncryptedMirrors:
    def test_picc_data_of_an12196(self):
        given_, expected = facts("an12196-table2-piccdata")

        told = sdm.read_picc_data(given_["K_SDMMetaRead"], given_["PICCENCData"])

        assert told == (expected["UID"], 61)

    def test_file_data_of_an12196(self):
        given_, expected = facts("an12196-p18-encfile")
        uid, counter = sdm.read_picc_data(given_["K_SDMMetaRead"], given_["PICCENCData"])

        data = sdm.read_file_data(given_["K_SDMFileRead"], uid, counter, given_["SDMENCFileData"])

        assert (uid, counter) == (expected["UID"], expected["SDMReadCtr"])
        assert data.decode() == expected["file_data_ascii"]

    @pytest.mark.parametrize("size", [0, 15, 17])
    def test_other_lengths_are_refused(self, size):
        with pytest.raises(sdm.NotPiccDataError):
            sdm.read_picc_data(bytes(16), bytes(size))

    def test_another_key_is_noticed_where_it_can_be(self):
        given_, _ = facts("an12196-table2-piccdata")
        refused = 0
        for number in range(64):
            try:
                told = sdm.read_picc_data(number.to_bytes(16, "big"), given_["PICCENCData"])
            except sdm.NotPiccDataError:
                refused += 1
            else:
                assert number == 0 or told.uid != bytes.fromhex("04DE5F1EACC040")
        assert refused > 32  # the tag has a few good values of 256


class TestOriginality:
    def test_a_signature_of_another_length_is_refused(self):
        from sandbox.chip.maker import MAKER

        assert not is_original(bytes(7), bytes(55), MAKER)

    def test_another_uid_or_an_altered_signature_is_refused(self):
        from sandbox.chip.maker import MAKER, originality_signature

        uid = bytes.fromhex("04a1b2c3d4e5f6")
        signature = originality_signature(uid)
        assert is_original(uid, signature, MAKER)
        assert not is_original(uid[:-1] + b"\0", signature, MAKER)
        assert not is_original(uid, signature[:-1] + bytes([signature[-1] ^ 1]), MAKER)

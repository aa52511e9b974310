"""The virtual chip's native commands: what it refuses, what it forgets, what it keeps."""

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from betang.core.card import chip_commands as cc
from betang.core.card.card_file import card_file, card_settings
from betang.core.card.chip import is_genuine
from betang.core.card.chip_commands import ChipRefusedError, Conversation
from betang.core.card.ev2 import CommMode
from betang.core.card.file_settings import FREE, Mirroring
from betang.core.card.originality import is_original
from betang.core.card.sdm import read_picc_data
from sandbox.chip.maker import Maker
from sandbox.chip.misbehaving import PulledOut, PulledOutError, random_uid, wrong_product
from sandbox.chip.virtual_chip import VirtualChip

UID, HOST = bytes.fromhex("04a1b2c3d4e5f6"), "kartu.betang.example"
NEW = bytes(range(16))
MAKER = Maker()


@pytest.fixture
def chip() -> VirtualChip:
    return VirtualChip(UID, host=HOST, maker=MAKER)


@pytest.fixture
def talk(chip) -> Conversation:
    made = Conversation(chip.answer)
    made.select_application()
    return made


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ((0x71, b"\5\0"), cc.NO_SUCH_KEY),
            ((0x71, b"\0"), cc.LENGTH_ERROR),
            ((0xAF, bytes(32)), cc.COMMAND_ABORTED),
            ((0xC4, bytes(30)), cc.AUTHENTICATION_ERROR),
            ((0x51, b""), cc.AUTHENTICATION_ERROR),
            ((0x5F, b"\2\0\xe0\xee"), cc.AUTHENTICATION_ERROR),
            ((0xF5, b"\7"), cc.FILE_NOT_FOUND),
            ((0x64, b"\7"), cc.NO_SUCH_KEY),
            ((0xAD, b"\3" + bytes(6)), cc.AUTHENTICATION_ERROR),
            ((0x8D, b"\2" + b"\xff\0\0" + b"\2\0\0" + b"xx"), cc.BOUNDARY_ERROR),
            ((0x01, b""), cc.ILLEGAL_COMMAND),
        ],
        ids=str,
    )
    def test_without_a_session(self, chip, talk, body, code):
        assert chip.answer(cc.native(*body)) == bytes([0x91, code])

    def test_before_the_application_is_selected(self, chip):
        assert chip.answer(cc.native(0x71, b"\0\0")) == bytes([0x91, cc.PERMISSION_DENIED])

    def test_a_wrong_key_and_the_fifty_first_of_them(self, chip, talk):
        for _ in range(50):
            with pytest.raises(ChipRefusedError, match="91AE"):
                talk.authenticate(0, NEW)
        with pytest.raises(ChipRefusedError, match="91AD"):
            talk.authenticate(0, cc.FACTORY_KEY)
        talk.authenticate(0, cc.FACTORY_KEY)  # time went by, and the right key clears it

        assert chip.keys[0].fails == 0
        assert chip.keys[0].fails_in_all == 50

    def test_a_key_that_failed_too_often_is_dead_for_ever(self, chip, talk):
        chip.keys[0].fails_in_all = 1_000

        with pytest.raises(ChipRefusedError, match="91AE"):
            talk.authenticate(0, cc.FACTORY_KEY)

    def test_a_changed_byte_ends_the_session(self, chip, talk):
        talk.authenticate(0, cc.FACTORY_KEY)
        body = bytearray(talk.session.wrap_command(0x64, b"\0", b"", CommMode.MAC))
        body[-1] ^= 1

        assert chip.answer(cc.native(0x64, bytes(body))) == bytes([0x91, cc.INTEGRITY_ERROR])
        assert chip.answer(cc.native(0x51)) == bytes([0x91, cc.AUTHENTICATION_ERROR])

    def test_a_wrong_old_key_changes_nothing(self, chip, talk):
        talk.authenticate(0, cc.FACTORY_KEY)

        with pytest.raises(ChipRefusedError, match="911E"):
            talk.change_key(2, new=NEW, old=b"\1" * 16, version=1)
        assert chip.keys[2].value == cc.FACTORY_KEY

    def test_another_key_than_k0_changes_no_key(self, talk):
        talk.authenticate(2, cc.FACTORY_KEY)

        with pytest.raises(ChipRefusedError, match="91AE"):
            talk.change_key(1, new=NEW, old=cc.FACTORY_KEY, version=1)

    @seed(62)
    @given(st.binary(max_size=60), st.booleans())
    def test_any_bytes_get_a_status(self, command, opened):
        chip = VirtualChip(UID, host=HOST, maker=MAKER)
        talk = Conversation(chip.answer)
        talk.select_application()
        if opened:
            talk.authenticate(0, cc.FACTORY_KEY)

        assert len(chip.answer(b"\x90" + command)) >= 2


class TestWhatItIs:
    def test_a_factory_chip(self, chip, talk):
        assert talk.version().is_ntag424
        assert talk.version().uid == UID
        assert is_original(UID, talk.signature(), point=MAKER.point)
        assert not is_original(UID, talk.signature())
        assert not is_original(UID, talk.signature(), point=Maker().point)
        assert talk.file_settings(2).rights.write == FREE
        assert talk.file_settings(2).mirroring is None
        assert [talk.key_version(number) for number in range(5)] == [0] * 5
        assert talk.read_ndef() == b""

    def test_a_wrong_product_and_a_random_uid(self):
        other = Conversation(wrong_product(UID, maker=MAKER).answer)
        random = Conversation(random_uid(UID, maker=MAKER).answer)

        assert not other.version().is_ntag424
        assert random.version().uid == bytes(7)
        random.select_application()
        random.authenticate(0, cc.FACTORY_KEY)
        assert random.uid() == UID


class TestWhatItKeeps:
    def test_power_ends_the_session_and_keeps_the_rest(self, chip, talk):
        talk.authenticate(0, cc.FACTORY_KEY)
        talk.change_key(2, new=NEW, old=cc.FACTORY_KEY, version=7)
        chip.reset()

        again = Conversation(chip.answer)
        again.select_application()
        assert again.key_version(2) == 7
        again.authenticate(2, NEW)

    def test_k0_is_changed_and_ends_the_session(self, chip, talk):
        talk.authenticate(0, cc.FACTORY_KEY)
        talk.change_key(0, new=NEW, old=cc.FACTORY_KEY, version=1)

        assert chip.answer(cc.native(0x51)) == bytes([0x91, cc.AUTHENTICATION_ERROR])
        talk.authenticate(0, NEW)

    @pytest.mark.parametrize("answered", [True, False])
    def test_a_chip_pulled_out_did_what_it_was_told(self, chip, answered):
        gone = PulledOut(chip, after=1, answered=answered)
        talk = Conversation(gone.answer)

        with pytest.raises(PulledOutError):
            talk.version()
        assert gone.seen == 1

    def test_the_data_file_goes_encrypted(self, chip, talk):
        talk.authenticate(3, cc.FACTORY_KEY)
        talk.write(3, b"secret", offset=5, mode=CommMode.FULL)

        assert talk.read(3, 6, offset=5, mode=CommMode.FULL) == b"secret"
        assert bytes(chip.files[3].data[5:11]) == b"secret"


class TestMirrors:
    def test_a_file_written_by_commands_mirrors_taps(self, chip, talk):
        talk.authenticate(0, cc.FACTORY_KEY)
        talk.change_key(2, new=NEW, old=cc.FACTORY_KEY, version=1)
        talk.write(2, card_file(HOST), mode=CommMode.PLAIN)
        talk.change_file_settings(2, card_settings(HOST))

        first, second = chip.tap(), chip.tap()

        assert (first.counter, second.counter) == (1, 2)
        assert is_genuine(NEW, first)
        assert is_genuine(NEW, second)

    def test_a_mirror_on_another_file_is_refused(self, chip, talk):
        talk.authenticate(0, cc.FACTORY_KEY)

        with pytest.raises(ChipRefusedError, match="919E"):
            talk.change_file_settings(3, card_settings(HOST))

    def test_no_write_without_k3_after_that(self, talk):
        talk.authenticate(0, cc.FACTORY_KEY)
        talk.change_file_settings(2, card_settings(HOST))
        with pytest.raises(ChipRefusedError, match="91AE"):
            talk.write(2, b"x", mode=CommMode.PLAIN)

        talk.select_application()
        talk.authenticate(3, cc.FACTORY_KEY)
        talk.write(2, b"\0\0", mode=CommMode.FULL)

    def test_an_encrypted_mirror_is_read_with_its_key(self, chip, talk):
        talk.authenticate(0, cc.FACTORY_KEY)
        own = card_settings(HOST)
        keyed = Mirroring(0, 2, picc_offset=60, mac_input_offset=100, mac_offset=100)
        talk.change_file_settings(2, type(own)(own.mode, own.rights, keyed))
        chip.reset()
        chip.answer(bytes.fromhex("00A4040007") + cc.NDEF_APPLICATION + b"\0")
        chip.answer(bytes.fromhex("00A4000C02E104"))

        shown = chip.answer(bytes.fromhex("00B0003C20"))[:32]

        assert read_picc_data(cc.FACTORY_KEY, bytes.fromhex(shown.decode())).uid == UID

"""The bureau's chips: a list that cannot stand, keys for the listed chips alone, never a master."""

from io import BytesIO

import pytest

from betang.cards.models import Card, PrintChip, PrintFinding
from betang.cards.printing.chip_keys import key_file_of
from betang.cards.printing.chips import ChipListError, TooFewChipsError, list_chips
from betang.cards.printing.folder import folder_of
from betang.cards.printing.release import release
from betang.cards.printing.runs import NotNowError
from betang.cards.printing.take_return import take_return
from betang.core.identifiers import new_uuid
from betang.keys import chip_master, ring
from sandbox.bureau.answer import answer, chip_stock, honest
from sandbox.bureau.keys import WrongKeyError, chip_keys, open_transport_key
from sandbox.bureau.package import open_package

CHIPS = chip_stock(7, seed=11)


def listed(*uids: bytes) -> BytesIO:
    return BytesIO(b"uid\n" + b"".join(uid.hex().upper().encode() + b"\n" for uid in uids))


class TestListing:
    @pytest.mark.parametrize(
        ("file", "told"),
        [
            (BytesIO(b""), "baris 1"),
            (BytesIO(b"nomor\n04A1B2C3D4E5F6\n"), "baris 1"),
            (BytesIO(b"uid\n04A1B2C3D4E5F6\n05A1B2C3D4E5F6\n"), "baris 3"),
            (BytesIO(b"uid\n04A1B2C3D4E5\n"), "baris 2"),
            (listed(CHIPS[0], CHIPS[1], CHIPS[0]), "dua kali"),
        ],
    )
    def test_refuses_the_whole_list_and_names_the_first_line(self, run, budi, noon, file, told):
        with pytest.raises(ChipListError, match=told):
            list_chips(run, file, actor=budi, at=noon)

        assert not PrintChip.objects.exists()

    def test_refuses_a_chip_that_a_card_has(self, run, budi, noon):
        Card.objects.filter(pk=Card.objects.first().pk).update(chip_uid=CHIPS[3])

        with pytest.raises(ChipListError, match="sebuah kartu"):
            list_chips(run, listed(*CHIPS), actor=budi, at=noon)

    def test_refuses_after_the_release(self, released, budi, noon):
        with pytest.raises(NotNowError):
            list_chips(released, listed(*CHIPS), actor=budi, at=noon)

    def test_takes_a_list_in_place_of_an_earlier_one(self, run, budi, noon):
        list_chips(run, listed(*CHIPS), actor=budi, at=noon)

        assert list_chips(run, listed(*CHIPS[2:]), actor=budi, at=noon) == 5
        assert {bytes(chip.uid) for chip in PrintChip.objects.all()} == set(CHIPS[2:])
        assert not Card.objects.exclude(chip_uid=None).exists()


@pytest.fixture
def with_chips(drawn, bureau, budi, wati, noon, demo):
    list_chips(drawn, listed(*CHIPS), actor=budi, at=noon)
    release(drawn, bureau, actor=wati, clock=lambda: noon)
    return drawn


@pytest.fixture
def opened(with_chips, identity, tmp_path):
    sealed = folder_of(with_chips) / with_chips.package_name
    return open_package(sealed, str(identity), ring.keyring(), tmp_path / "bureau")


class TestKeys:
    def test_are_not_sent_for_fewer_chips_than_cards(self, drawn, bureau, budi, wati, noon, demo):
        list_chips(drawn, listed(*CHIPS[:4]), actor=budi, at=noon)

        with pytest.raises(TooFewChipsError, match="4 UID, kartunya 5"):
            release(drawn, bureau, actor=wati, clock=lambda: noon)

    def test_without_a_master_are_not_sent_at_all(self, drawn, bureau, budi, wati, noon):
        list_chips(drawn, listed(*CHIPS), actor=budi, at=noon)

        with pytest.raises(chip_master.NoChipMasterError):
            release(drawn, bureau, actor=wati, clock=lambda: noon)

        assert not (folder_of(drawn) / drawn.package_name).is_file()

    def test_are_those_of_each_listed_chip_and_open_with_the_transport_key(
        self, with_chips, opened, identity
    ):
        key = open_transport_key(key_file_of(with_chips).read_bytes(), str(identity))

        keys = chip_keys(opened.folder, key)

        assert keys == {uid: chip_master.card_keys(uid, version=1) for uid in CHIPS}
        assert opened.manifest.chips == len(CHIPS)

    def test_open_with_no_other_key_and_no_line_can_be_moved(self, with_chips, opened, identity):
        from cryptography.hazmat.primitives.keywrap import InvalidUnwrap

        key = open_transport_key(key_file_of(with_chips).read_bytes(), str(identity))
        with pytest.raises(InvalidUnwrap):
            chip_keys(opened.folder, bytes(32))
        path = opened.folder / "kunci-cip.csv"
        path.write_text(path.read_text().replace(CHIPS[0].hex().upper(), "04000000000000", 1))

        with pytest.raises(WrongKeyError):
            chip_keys(opened.folder, key)

    def test_leave_no_master_and_no_transport_key_in_the_clear(self, with_chips, opened, identity):
        master = bytes.fromhex(chip_master.test_master_path().read_text())
        key = open_transport_key(key_file_of(with_chips).read_bytes(), str(identity))
        left = b"".join(path.read_bytes() for path in folder_of(with_chips).iterdir())
        sent = b"".join(path.read_bytes() for path in opened.folder.iterdir())

        for secret in (master, key):
            for form in (secret, secret.hex().encode(), secret.hex().upper().encode()):
                assert form not in left + sent


class TestReturned:
    def test_a_chip_that_was_not_listed_is_held(self, with_chips, opened, budi, noon):
        rows = honest([row["card_number"] for row in opened.cards()], CHIPS)
        rows[2] = (rows[2][0], chip_stock(1, seed=99)[0], 1, "ok", "")

        content = answer(with_chips.uuid, noon, rows)
        told = take_return(with_chips, BytesIO(content), actor=budi, at=noon)

        assert (told.ok, told.held) == (4, 1)
        assert PrintFinding.objects.get().code == "return.uid_not_listed"

    def test_a_file_for_a_run_that_is_not_here_is_held_by_its_head(self, with_chips, budi, noon):
        from betang.cards.printing.take_return import ReturnFileError

        with pytest.raises(ReturnFileError):
            take_return(with_chips, BytesIO(answer(new_uuid(), noon, [])), actor=budi, at=noon)

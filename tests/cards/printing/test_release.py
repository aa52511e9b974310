"""Releasing: who may not, what stops it, and what the bureau finds when it opens the package."""

import json

import pyrage
import pytest
from django.db import IntegrityError, transaction

from betang.cards.models import Bureau, PrintRow, PrintRun
from betang.cards.printing import bureaus, package
from betang.cards.printing import release as releasing
from betang.cards.printing.draw import PartAlteredError
from betang.cards.printing.folder import DiskRefusedError, folder_of, path_of
from betang.cards.printing.package import BadRecipientError, NotSealedError
from betang.cards.printing.release import BureauNotReadyError, release
from betang.cards.printing.runs import NotNowError
from betang.core.bureau.manifest import ManifestRefusedError
from betang.core.errors import SamePersonError
from betang.journal.models import Entry
from betang.keys import ring
from sandbox.bureau.package import BadPackageError, open_package, read_ring


class TestBureau:
    def test_refuses_what_is_no_key(self, db, budi, noon):
        with pytest.raises(BadRecipientError):
            bureaus.propose("PT Kartu", "age1bukankunci", actor=budi, at=noon)

    def test_refuses_the_secret_half(self, db, identity, budi, noon):
        with pytest.raises(BadRecipientError):
            bureaus.propose("PT Kartu", str(identity), actor=budi, at=noon)

    def test_refuses_its_proposer_as_the_second_person(self, db, identity, budi, noon):
        proposed = bureaus.propose("PT Kartu", str(identity.to_public()), actor=budi, at=noon)

        with pytest.raises(SamePersonError):
            bureaus.approve(proposed, actor=budi, at=noon)

        with pytest.raises(IntegrityError, match="two_persons"), transaction.atomic():
            Bureau.objects.update(approved_by_person=budi.person)

    def test_refuses_a_key_that_is_known(self, bureau, budi, noon):
        with pytest.raises(bureaus.RecipientKnownError):
            bureaus.propose("PT Lain", bureau.recipient, actor=budi, at=noon)

    def test_is_approved_and_ended_once(self, bureau, wati, noon):
        with pytest.raises(bureaus.BureauDecidedError):
            bureaus.approve(bureau, actor=wati, at=noon)

        bureaus.end(bureau, actor=wati, at=noon)

        with pytest.raises(bureaus.BureauDecidedError):
            bureaus.end(bureau, actor=wati, at=noon)


class TestRelease:
    def test_refuses_who_froze_the_list(self, drawn, bureau, budi, noon):
        with pytest.raises(SamePersonError):
            release(drawn, bureau, actor=budi, clock=lambda: noon)

    def test_nobody_sends_a_list_of_their_own_whatever_the_program_does(self, released):
        with pytest.raises(IntegrityError, match="released_by_second"), transaction.atomic():
            PrintRun.objects.update(released_by_person=released.frozen_by_person)

    def test_refuses_a_run_that_is_not_drawn(self, run, bureau, wati, noon):
        with pytest.raises(NotNowError):
            release(run, bureau, actor=wati, clock=lambda: noon)

    def test_refuses_a_bureau_that_nobody_approved_or_that_ended(self, drawn, bureau, wati, noon):
        bureaus.end(bureau, actor=wati, at=noon)

        with pytest.raises(BureauNotReadyError):
            release(drawn, bureau, actor=wati, clock=lambda: noon)

    def test_refuses_a_part_that_was_changed_on_disk(self, drawn, bureau, wati, noon):
        path = path_of(drawn, drawn.parts.get(number=2))
        path.write_bytes(path.read_bytes() + b"%")

        with pytest.raises(PartAlteredError, match="2"):
            release(drawn, bureau, actor=wati, clock=lambda: noon)

    def test_releases_nothing_that_is_not_read_back_as_it_was(
        self, drawn, bureau, wati, noon, monkeypatch
    ):
        before = package._archive
        monkeypatch.setattr(
            package, "_archive",
            lambda folder, sums, out, at: before(folder, dict(list(sums.items())[:-1]), out, at),
        )  # fmt: skip

        with pytest.raises(NotSealedError):
            release(drawn, bureau, actor=wati, clock=lambda: noon)

        drawn.refresh_from_db()
        assert drawn.state == "checked"
        assert path_of(drawn, drawn.parts.get(number=2)).exists()
        assert not list(folder_of(drawn).glob("*.age*"))

    def test_loses_nothing_where_the_disk_takes_no_more(
        self, drawn, bureau, wati, noon, monkeypatch
    ):
        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(releasing, "seal", full)
        with pytest.raises(DiskRefusedError, match="disk penuh"):
            release(drawn, bureau, actor=wati, clock=lambda: noon)
        monkeypatch.undo()

        assert drawn.parts.filter(drawn_at=None).count() == 0
        assert release(drawn, bureau, actor=wati, clock=lambda: noon).exists()

    def test_leaves_only_the_package_and_no_name(self, released):
        folder = folder_of(released)

        assert [path.name for path in folder.iterdir()] == [released.package_name]
        assert (folder / released.package_name).stat().st_mode & 0o777 == 0o600
        assert set(PrintRow.objects.values_list("name", flat=True)) == {""}
        entry = Entry.objects.get(kind="print.released")
        assert entry.facts["package_sha256"] == bytes(released.package_sha256).hex()

    def test_what_a_kill_left_in_the_clear_is_removed_by_tidying(self, released):
        (folder_of(released) / "kartu.csv").write_text("nama")

        releasing.tidy(released)

        assert len(list(folder_of(released).iterdir())) == 1


class TestThePackage:
    def test_is_shut_for_any_other_key(self, released, tmp_path):
        sealed = folder_of(released) / released.package_name
        other = str(pyrage.x25519.Identity.generate())

        with pytest.raises(BadPackageError):
            open_package(sealed, other, ring.keyring(), tmp_path / "bureau")

    @pytest.mark.parametrize("spoil", [lambda b: b[:-100], lambda b: b[:2000] + b"?" + b[2001:]])
    def test_is_refused_when_it_was_cut_or_altered(self, released, identity, tmp_path, spoil):
        sealed = tmp_path / "package"
        sealed.write_bytes(spoil((folder_of(released) / released.package_name).read_bytes()))

        with pytest.raises(BadPackageError):
            open_package(sealed, str(identity), ring.keyring(), tmp_path / "bureau")

    def test_is_refused_when_another_key_signed_it(self, released, identity, tmp_path):
        keys = {kid: key for kid, key in ring.keyring().keys.items() if key.purpose != "manifest"}
        sealed = folder_of(released) / released.package_name

        with pytest.raises(ManifestRefusedError, match=r"key\.unknown"):
            open_package(sealed, str(identity), type(ring.keyring())(keys), tmp_path / "bureau")

    def test_holds_every_card_once_with_what_is_printed_on_it(self, opened, released):
        rows = list(opened.cards())

        assert opened.manifest.count == released.count == len({row["card_number"] for row in rows})
        assert {"Sumiati", "Bawi, Kuwu"} <= {row["name"] for row in rows}
        assert [(row["file"], row["page_front"]) for row in rows] == [
            ("kartu-0001.pdf", "1"), ("kartu-0001.pdf", "3"),
            ("kartu-0002.pdf", "1"), ("kartu-0002.pdf", "3"), ("kartu-0003.pdf", "1"),
        ]  # fmt: skip
        assert set(opened.manifest.files) == {
            "artwork.pdf", "kartu.csv", "kartu-0001.pdf", "kartu-0002.pdf", "kartu-0003.pdf",
        }  # fmt: skip

    def test_tells_a_file_that_was_exchanged_after_it_was_opened(self, opened):
        sums = dict(opened.manifest.files) | {"kartu.csv": "00", "more.pdf": "11"}
        del sums["artwork.pdf"]

        with pytest.raises(ManifestRefusedError, match=r"artwork.pdf kartu.csv more.pdf"):
            opened.manifest.check(sums)

    def test_is_verified_with_the_ring_that_the_bureau_was_given(
        self, released, identity, tmp_path
    ):
        given = json.dumps({"keys": [ring.as_json(key) for key in ring.public_ring()]})

        sealed = folder_of(released) / released.package_name
        opened = open_package(sealed, str(identity), read_ring(given), tmp_path / "bureau")

        assert opened.manifest.run == str(released.uuid)

"""Printing: what is not released, then what is printed and what a phone reads from it."""

import json
import shutil
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from betang.cards import check_faces
from betang.cards.design.draw import runs
from betang.cards.faces import Face, Look, spaced, write_faces
from betang.cards.issue import issue_cards
from betang.cards.models import Card, PrintRun
from betang.cards.print_run import NothingToPrintError, UnreadableFacesError, print_cards
from betang.cards.printing import part
from betang.cards.typeset import BOLD, typeface
from betang.core.card.qr import read_token
from betang.core.crypto.signing import load_public_key, verifies
from betang.journal.models import Entry
from betang.keys import ring, signer

LOOK = Look(
    "Kartu Huma Betang Sejahtera", "Pemerintah Provinsi", "kartu.betang.example", sample=True
)
LONG = "Nyai Undang Sumiati Binti Abdurrahman Saleh Al Banjari dari Tumbang Malahoi Hulu Sungai"


@pytest.fixture
def many(family, keys, budi, noon, settings):
    """Twelve ordered cards; what is printed of them is thrown away."""
    for name in ("Sumiati", "Pŏnyang d’Ésa", LONG, "明", *"abcdefgh"):
        family(head_name=name)
    issue_cards(actor=budi, at=noon)
    yield
    for run in PrintRun.objects.all():
        shutil.rmtree(Path(settings.VAR) / "print" / str(run.uuid), ignore_errors=True)


class TestPrintCards:
    def test_refuses_where_nothing_waits(self, db, budi, noon):
        with pytest.raises(NothingToPrintError):
            print_cards(actor=budi, at=noon)

    def test_releases_nothing_where_a_sampled_card_cannot_be_read(
        self, many, budi, noon, monkeypatch
    ):
        monkeypatch.setattr(part, "write_faces", self.wrong_codes)

        with pytest.raises(UnreadableFacesError):
            print_cards(actor=budi, at=noon)

        assert not Card.objects.exclude(state="ordered").exists()
        assert not Entry.objects.filter(kind="cards.printed").exists()

    @staticmethod
    def wrong_codes(path, some, look):
        write_faces(path, [face._replace(qr=face.qr[::-1]) for face in some], look)

    def test_leaves_out_a_name_that_the_fonts_cannot_write_and_says_so(self, many, budi, noon):
        printed = print_cards(actor=budi, at=noon)

        assert list(printed.left_out) == [Card.objects.get(state="ordered").number]

    def test_prints_what_was_ordered_and_calls_it_printed(self, many, budi, noon):
        told = []

        printed = print_cards(
            actor=budi, at=noon, check_all=True, progress=lambda *far: told.append(far)
        )

        run = PrintRun.objects.get()
        assert (printed.count, printed.checked, told) == (11, 11, [(0, 11), (11, 11)])
        kept = Card.objects.exclude(number__in=printed.left_out)
        assert set(kept.values_list("state", "print_run")) == {("printed", run.pk)}
        assert printed.files[0].stat().st_mode & 0o777 == 0o600
        assert printed.folder.stat().st_mode & 0o777 == 0o700
        assert Entry.objects.get(kind="cards.printed").facts["count"] == 11

    def test_signs_what_the_run_consists_of(self, many, budi, noon):
        printed = print_cards(actor=budi, at=noon)

        manifest = (printed.folder / "manifest.json").read_bytes()
        signed = json.loads((printed.folder / "manifest.sig").read_text())
        public = load_public_key(signer.current("manifest")[1])
        assert verifies(public, manifest, bytes.fromhex(signed["signature"]))
        assert json.loads(manifest)["count"] == 11

    def test_prints_an_area_and_a_number_of_cards_and_then_the_rest(self, many, budi, noon):
        first = print_cards(actor=budi, at=noon, area=620101, limit=5)
        rest = print_cards(actor=budi, at=noon)

        assert (first.count, rest.count) == (5, 6)

    def test_a_phone_reads_the_genuine_card_from_the_page(self, many, budi, noon, settings):
        printed = print_cards(actor=budi, at=noon)

        pdf = pypdfium2.PdfDocument(printed.files[0])
        try:
            page = pdf[0].render(scale=300 / 72, grayscale=True).to_numpy()
        finally:
            pdf.close()
        (code,) = zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
        claims = read_token(code.text, ring.keyring(), issuer=settings.CARD_HOST, at=noon)
        assert Card.objects.filter(number=claims.card_number).exists()
        assert page.shape == (638, 1011)


class TestFaces:
    FACE = Face("62123456789701", "Sumiati", "A" * 300, date(2031, 11, 12))

    def test_a_file_with_other_pages_is_wrong(self, tmp_path):
        write_faces(tmp_path / "f.pdf", [self.FACE], LOOK)

        assert check_faces.unreadable(tmp_path / "f.pdf", [self.FACE] * 2, [0]) == [
            "62123456789701",
            "62123456789701",
        ]

    @pytest.mark.parametrize(
        "change", [{"number": "62123456789702"}, {"name": "Sukiman"}, {"qr": "B" * 300}]
    )
    def test_a_page_that_says_something_else_is_wrong(self, tmp_path, change):
        write_faces(tmp_path / "f.pdf", [self.FACE], LOOK)

        other = self.FACE._replace(**change)

        assert check_faces.unreadable(tmp_path / "f.pdf", [other], [0]) == [other.number]

    def test_every_line_of_the_code_lies_on_printer_dots(self):
        drawn = runs("A" * 300, 0.96, 11, 170.4, 103.2)

        assert drawn.startswith("q 0 g 0.96 0 0 -0.96 170.40 103.20 cm")
        assert all(abs(value / 0.24 - round(value / 0.24)) < 1e-9 for value in (0.96, 170.4, 103.2))

    def test_a_number_is_written_in_groups(self):
        assert spaced("62123456789701") == "62 1234 5678 97 01"

    def test_a_name_too_long_loses_whole_words_only(self):
        size, lines = typeface(BOLD).lines(LONG, 144, (13.0, 9.0), 2)

        assert size == 9.0
        assert len(lines) == 2
        assert LONG.startswith(" ".join(lines))
        assert set(" ".join(lines).split()) <= set(LONG.split())

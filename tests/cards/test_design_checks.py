"""What keeps a design from being proposed, each with where it is and what to do."""

import numpy as np
import pytest

from betang.cards.check_faces import unreadable
from betang.cards.design import check
from betang.cards.design.check import at_once, everything
from betang.cards.design.contrast import luminance, ratio
from betang.cards.design.legible import codes_read
from betang.cards.design.render import rendered
from betang.cards.design.sample import WORST_NAMES, sample_face
from betang.cards.design.version import first
from betang.cards.faces import write_faces
from betang.core.card.qr import name_on_card
from tests.cards.designs import LOOK, changed, design, look, told, without


def codes(layout) -> set[tuple[str, str, str]]:
    return {(each.code, each.side, each.part) for each in at_once(look(layout))}


#: What is done to the first design, and what is found.
BROKEN = {
    "a code moved under words": (("front", "qr", {"x": 560}), ("quiet_zone", "front", "number")),
    "words moved to the code": (
        ("front", "until_label", {"y": 455}), ("quiet_zone", "front", "until_label"),
    ),
    "words moved to the back code": (
        ("back", "check_label", {"y": 262}), ("quiet_zone", "back", "check_label"),
    ),
    "a code over the edge": (("front", "qr", {"x": 760}), ("outside", "front", "qr")),
    "a code at the edge": (("front", "qr", {"x": 720}), ("margin", "front", "qr")),
    "a decoration beside the card": (("front", "eaves", {"y": 640}), ("outside", "front", "eaves")),
    "words at the edge": (("back", "number", {"y": 580}), ("margin", "back", "number")),
    "words upon words": (("front", "number", {"y": 300}), ("overlap", "front", "family_name")),
    "a name box too narrow": (
        ("front", "family_name", {"w": 300}), ("name_cut", "front", "family_name"),
    ),
    "a name of one line": (
        ("front", "family_name", {"lines": 1}), ("name_cut", "front", "family_name"),
    ),
    "a name that may not shrink": (
        ("front", "family_name", {"size_min": 13}), ("name_cut", "front", "family_name"),
    ),
    "a number too large": (("front", "number", {"size": 24}), ("text_cut", "front", "number")),
    "a sentence too long": (
        ("back", "show", {"text": "saat bantuan diserahkan di balai. Tidak ada biaya apa pun."}),
        ("text_cut", "back", "show"),
    ),
    "words as light as the paper": (
        ("front", "number", {"colour": "#C9C2B4"}), ("contrast", "front", "number"),
    ),
    "dark words on the dark band": (
        ("front", "card_name", {"colour": "#0A4236"}), ("contrast", "front", "card_name"),
    ),
    "pale words over the house": (
        ("front", "number_label", {"y": 470}), ("contrast", "front", "number_label"),
    ),
    "a pale second line": (("back", "tap", {"soft": "#B9B3A6"}), ("contrast", "back", "tap")),
    "a pale sign": (("back", "tap_sign", {"colour": "#E6D3B5"}), ("contrast", "back", "tap_sign")),
    "a grey code": (("front", "qr", {"dark": "#707070"}), ("qr_contrast", "front", "qr")),
    "a code inside out": (
        ("front", "qr", {"dark": "#FFFFFF", "light": "#000000"}), ("qr_contrast", "front", "qr"),
    ),
    "a letter that the font lacks": (
        ("front", "family_label", {"text": "家庭"}), ("glyph", "front", "family_label"),
    ),
    "words too small": (("back", "address", {"size": 4.5}), ("text_small", "back", "address")),
    "a name that may shrink too far": (
        ("front", "family_name", {"size_min": 4}), ("text_small", "front", "family_name"),
    ),
    "advice too small": (("back", "lost", {"size": 5.5}), ("text_small", "back", "lost")),
}  # fmt: skip


class TestAtOnce:
    @pytest.mark.parametrize("name", BROKEN)
    def test_finds(self, name):
        (side, part, said), expected = BROKEN[name]

        assert expected in codes(changed(side, part, **said))

    @pytest.mark.parametrize(
        ("side", "kind"),
        [
            ("front", "number"), ("front", "qr"), ("front", "family_name"),
            ("front", "valid_until"), ("back", "back_qr"), ("back", "number"),
        ],
    )  # fmt: skip
    def test_misses_what_makes_a_card_a_card(self, side, kind):
        assert ("missing", side, "") in codes(without(side, kind))

    def test_misses_the_picture_of_a_logo(self):
        layout = told()
        layout["front"]["parts"].append(
            {"id": "logo", "kind": "logo", "picture": "", "x": 400, "y": 360, "w": 60, "h": 60}
        )

        assert ("missing", "front", "logo") in codes(layout)

    def test_says_where_and_what_to_do(self):
        (finding,) = at_once(look(changed("back", "number", y=580)))

        assert finding.sentence == (
            "Sisi belakang, «Nomor kartu»: hanya 16 titik dari tepi kartu; paling sedikit 24."
        )
        assert finding.do.startswith("Geser menjauh dari tepi")

    def test_finds_nothing_in_the_first_design(self):
        assert at_once(LOOK) == []

    def test_the_worst_names_are_what_a_card_may_have(self):
        assert [name_on_card(name) for name in WORST_NAMES] == list(WORST_NAMES)
        assert max(len(name.encode()) for name in WORST_NAMES) == 40


class TestEverything:
    def test_finds_a_real_name_that_is_cut(self, family, settings):
        family(head_name="Wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww")

        assert "name_cut" in {each.code for each in everything(first())}

    def test_finds_nothing_in_the_first_design(self, family):
        family(head_name="Nyai Undang Sumiati Binti Abdurrahman Saleh Al Banjari dari Malahoi")

        assert everything(first()) == []

    def test_finds_a_code_that_no_phone_reads(self, decree):
        layout = changed("front", "qr", dark="#8A8A8A", light="#A0A0A0")

        assert {"qr_contrast", "qr_unreadable"} <= {
            each.code for each in everything(design(layout))
        }

    def test_reads_the_sides_of_forty_other_cards(self):
        faces = [sample_face(serial=serial) for serial in range(100, 140)]
        pages = rendered(LOOK, faces)

        wanted = [(page[0], face.qr) for page, face in zip(pages, faces, strict=True)]

        assert list(codes_read("front", first().layout.front, wanted)) == []

    def test_finds_a_stain_in_the_quiet_zone_of_the_print(self):
        pixels = rendered(LOOK, [sample_face()])[0][0]
        pixels[200:204, 800:900] = 0

        found = list(codes_read("front", first().layout.front, [(pixels, sample_face().qr)]))

        assert [each.code for each in found] == ["quiet_zone"]

    def test_finds_a_code_that_says_something_else(self):
        pixels = rendered(LOOK, [sample_face()])[0][0]

        found = list(codes_read("front", first().layout.front, [(pixels, "HCOTHER")]))

        assert [each.code for each in found] == ["qr_unreadable"]

    def test_tries_the_names_of_real_families_once(self, family):
        for name in ("Sumiati", "Sumiati", "Budi"):
            family(head_name=name)

        assert check.longest_names() == ["Budi", "Sumiati"]


class TestPrinted:
    @pytest.mark.parametrize(
        ("side", "part", "said"),
        [
            ("front", "qr", {"dark": "#FEFEFE"}),
            ("back", "back_qr", {"dark": "#FEFEFE"}),
            ("back", "number", None),
        ],
    )
    def test_a_card_that_a_phone_or_an_eye_cannot_read_is_not_released(
        self, tmp_path, side, part, said
    ):
        shown = look(changed(side, part, **said) if said else without(side, part))

        write_faces(tmp_path / "f.pdf", [sample_face()], shown)

        assert unreadable(tmp_path / "f.pdf", [sample_face()], [0]) == [sample_face().number]

    def test_a_good_one_is(self, tmp_path):
        write_faces(tmp_path / "f.pdf", [sample_face()], LOOK)

        assert unreadable(tmp_path / "f.pdf", [sample_face()], [0]) == []


class TestContrast:
    def test_is_that_of_wcag(self):
        black, white, grey = (
            float(luminance(np.array(tone, dtype=float)))
            for tone in ((0, 0, 0), (1, 1, 1), (0x77 / 255,) * 3)
        )

        assert ratio(black, white) == pytest.approx(21)
        assert ratio(grey, white) == pytest.approx(4.48, abs=0.01)

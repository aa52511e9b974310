"""The layout language: what it refuses word by word, and that it says what it was told."""

import json
from io import BytesIO

import pytest
import zxingcpp

from betang.cards.design.language import KINDS, SIDES
from betang.cards.design.layout import (
    LayoutError,
    LayoutFormError,
    digest,
    read,
    read_text,
    written,
)
from betang.cards.design.render import rendered
from betang.cards.design.sample import WORST_NAMES, sample_face
from betang.cards.design.version import first
from betang.cards.faces import write_faces
from tests.cards.designs import LOOK, changed, look, told


class TestRead:
    @pytest.mark.parametrize(
        "text",
        [
            "", "[]", "{", "null", '"a"', "{}", '{"format": "betang-card-design/1"}',
            '{"format": "betang-card-design/2", "front": {}, "back": {}}', "[" * 5_000,
            '{"format": "betang-card-design/1", "front": [], "back": []}', " " * 70_000,
        ],
    )  # fmt: skip
    def test_refuses_what_is_no_layout(self, text):
        with pytest.raises(LayoutFormError):
            read_text(text)

    @pytest.mark.parametrize(
        "said",
        [
            {"x": 1.5}, {"x": "42"}, {"x": True}, {"x": 5_000}, {"x": None}, {"w": 0},
            {"size": 300}, {"size": float("nan")}, {"size": "13"}, {"colour": "red"},
            {"colour": "#12"}, {"weight": "black"}, {"lines": 9}, {"onclick": "x"},
            {"colour": "#000000; }"}, {"align": ["left"]},
        ],
    )  # fmt: skip
    def test_refuses_a_value_beyond_its_field_and_names_it(self, said):
        with pytest.raises(LayoutError) as refused:
            read(changed("front", "family_name", **said))

        assert refused.value.field.startswith("front.family_name")

    @pytest.mark.parametrize("text", ["", " ", "a" * 91, "a\x00b", "a\u202eb", "\ud800"])
    def test_refuses_text_that_hides_or_overflows(self, text):
        with pytest.raises(LayoutError):
            read(changed("front", "family_label", text=text))

    @pytest.mark.parametrize(
        "change",
        [
            {"id": "number"}, {"id": "../x"}, {"id": ""}, {"id": 3}, {"kind": "script"},
            {"kind": "back_qr"}, {"kind": ["text"]},
        ],
    )  # fmt: skip
    def test_refuses_a_part_with_a_bad_name_or_kind(self, change):
        with pytest.raises((LayoutFormError, LayoutError)):
            read(changed("front", "family_label", **change))

    def test_refuses_two_front_codes(self):
        layout = told()
        code = next(part for part in layout["front"]["parts"] if part["kind"] == "qr")
        layout["front"]["parts"].append({**code, "id": "another"})

        with pytest.raises(LayoutFormError):
            read(layout)

    def test_refuses_more_parts_than_a_side_can_bear(self):
        layout = told()
        layout["back"]["parts"] += [
            {**layout["back"]["parts"][0], "id": f"box_{n}"} for n in range(41)
        ]

        with pytest.raises(LayoutFormError):
            read(layout)

    def test_gives_back_what_it_was_told(self):
        again = written(read(json.loads(json.dumps(told()))))

        assert again == told()
        assert digest(again) == digest(told())

    def test_another_word_is_another_digest(self):
        assert digest(changed("front", "number", x=43)) != digest(told())

    def test_draws_decorations_under_words_in_whatever_order_they_were_written(self):
        layout = told()
        layout["front"]["parts"].reverse()

        kinds = [KINDS[part.kind].decoration for part in read(layout).front.parts]

        assert kinds == sorted(kinds, reverse=True)


class TestDraw:
    def test_a_layout_moves_what_is_printed(self):
        before = rendered(LOOK, [sample_face()])[0][0]
        after = rendered(look(changed("front", "qr", x=643)), [sample_face()])[0][0]

        def left(pixels):
            (code,) = zxingcpp.read_barcodes(pixels, formats=zxingcpp.BarcodeFormat.QRCode)
            return code.position.top_left.x

        assert left(before) - left(after) == 40

    def test_every_dark_module_covers_exactly_four_dots(self):
        pixels = rendered(LOOK, [sample_face()])[0][0]
        field = pixels[192 + 16 : 192 + 260, 683 + 16 : 683 + 260, 0]

        assert ((field < 3) | (field > 252)).all()
        modules = (field < 128).reshape(61, 4, 61, 4)
        assert (modules == modules[:, :1, :, :1]).all()

    @pytest.mark.parametrize("name", WORST_NAMES)
    def test_the_longest_names_are_printed_whole(self, name):
        import pypdfium2

        file = BytesIO()
        write_faces(file, [sample_face(name)], LOOK)
        pdf = pypdfium2.PdfDocument(file.getvalue())
        page = pdf[0].get_textpage()
        text = " ".join(page.get_text_range().split())
        page.close()
        pdf.close()

        assert name in text

    def test_every_kind_can_be_drawn_on_each_of_its_sides(self):
        from betang.cards.design.edit import with_part, without_part

        for kind, facts in KINDS.items():
            for side in facts.sides:
                layout = told()
                if facts.once:
                    layout = without_part(layout, side, kind)
                assert len(rendered(look(with_part(layout, side, kind)), [sample_face()])) == 1

    def test_the_first_design_has_both_sides_and_nobody_can_change_it(self):
        assert {name for name, _ in first().layout.sides} == set(SIDES)
        with pytest.raises(AttributeError):
            first().name = "lain-1"

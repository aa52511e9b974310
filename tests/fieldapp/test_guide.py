"""The pocket guide shows and names every screen of the app, and every picture that is taken."""

import re

from tests.fieldapp.album import FOLDER, FRAMES, PICTURES, ROOT, SCREENS, screen_names

GUIDE = (ROOT / "docs" / "app.md").read_text()
TOTAL_MAX = 2_500_000


def screen_of(picture: str) -> str:
    return picture.partition("--")[0]


def test_no_screen_is_without_a_picture():
    assert screen_names() - {screen_of(name) for name in PICTURES} == set()


def test_no_picture_is_of_a_screen_that_is_gone():
    assert {screen_of(name) for name in PICTURES} - screen_names() == set()


def test_each_picture_that_is_taken_is_there_and_no_other():
    assert {path.stem for path in FOLDER.glob("*")} == set(PICTURES)


def test_each_picture_is_taken_by_a_test():
    tests = "".join(path.read_text() for path in (ROOT / "tests" / "fieldapp").glob("test_*.py"))

    assert [name for name in PICTURES if f'"{name}"' not in tests] == []


def test_the_guide_names_each_screen():
    names = {path.stem for path in SCREENS.glob("*.svelte")} - FRAMES

    assert {name for name in names if f"`{name}`" not in GUIDE} == set()


def test_the_guide_shows_each_picture_once_and_says_in_words_what_it_is():
    shown = re.findall(
        r'<img src="pictures/app/([a-z-]+)\.webp" width="220" alt="[^"]{3,}">', GUIDE
    )

    assert sorted(shown) == sorted(PICTURES)


def test_all_pictures_together_are_small_enough_for_a_clone():
    assert sum(path.stat().st_size for path in FOLDER.glob("*")) < TOTAL_MAX

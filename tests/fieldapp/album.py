"""The pictures of docs/app.md, one a screen and state, and the look at each while it is taken.

The names stand here. A picture begins with the name of its screen (`day-close--signed` is a state
of `DayClose.svelte`), so that a screen without a picture is found. They are written only when
`BETANG_PICTURES=1` is set: an ordinary test run leaves the working tree as it is.
"""

import io
import os
import re
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Page, ViewportSize

from tests.fieldapp.axe import DRAWN, faults_in_every_light

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "pictures" / "app"
SCREENS = ROOT / "fieldapp" / "screens"
WRITES = os.environ.get("BETANG_PICTURES") == "1"

#: Wide enough to read on a page, small enough for all of them together.
WIDTH = 540
COLOURS, COLOURS_TALL = 32, 20
#: A long form is shown whole up to this height.
TALLEST = 1600
PHONE: ViewportSize = {"width": 360, "height": 740}

PICTURES = (
    "install", "install--refused", "not-kept", "enrol", "enrol--pin", "waiting",
    "unlock", "unlock--wrong", "wiped", "wiped--unsent",
    "today", "today--no-signal", "today--over", "today--frozen", "today--new-version",
    "day", "day--opened", "day-close",
    "scan", "scan--number", "scan--tap", "scan--practice",
    "verdict--green", "verdict--red", "verdict--taken", "verdict--elsewhere", "verdict--old-list",
    "verdict--tap-once", "verdict--practice",
    "deliver", "deliver--representative", "deliver--less", "saved", "receipt",
    "hand-over", "not-handed-over", "parcels",
    "families", "families--near", "family", "visit", "visit--moved", "visit--deceased",
    "home", "home--river", "home--none", "home-delivery", "not-delivered", "paper",
    "problem", "problem--levy", "register", "registered", "stock",
    "records", "records--no-network", "give-lease", "give-lease--choose", "give-lease--show",
    "take-lease", "take-lease--confirm", "take-lease--done",
    "help", "help--practice", "settings", "settings--sun",
)  # fmt: skip


class Album:
    """What was seen, and what was wrong with it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.faults: dict[str, list[str]] = {}
        self.seen: set[str] = set()

    def look(self, page: Page, name: str, *, tall: bool = False) -> None:
        """Take this picture, the whole form where it is `tall`, and judge the screen."""
        assert name in PICTURES, f"{name} is not listed"
        assert name not in self.seen, f"{name} was taken already"
        self.seen.add(name)
        page.emulate_media(color_scheme="light")
        page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)")
        page.evaluate(DRAWN)
        if WRITES:
            _write(FOLDER / f"{name}.webp", _taken(page, tall=tall))
        assert (FOLDER / f"{name}.webp").exists(), (
            f"no picture of {name}: BETANG_PICTURES=1 .venv/bin/pytest tests/fieldapp"
        )
        if found := faults_in_every_light(page):
            self.faults[name] = found


#: They hold the screens and show nothing of their own.
FRAMES = {"App", "Work"}


def screen_names() -> set[str]:
    """Return the screens of the app, as pictures and the guide name them."""
    names = {path.stem for path in SCREENS.glob("*.svelte")} - FRAMES
    return {re.sub(r"(?<!^)([A-Z])", r"-\1", name).lower() for name in names}


def _taken(page: Page, *, tall: bool) -> Image.Image:
    if tall:
        height = page.evaluate("document.documentElement.scrollHeight")
        height = max(PHONE["height"], min(height, TALLEST))
        page.set_viewport_size({"width": PHONE["width"], "height": height})
        page.evaluate(DRAWN)
    shot = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    if tall:
        page.set_viewport_size(PHONE)
    size = (WIDTH, round(shot.height * WIDTH / shot.width))
    return shot.resize(size, Image.Resampling.LANCZOS).quantize(
        COLOURS_TALL if tall else COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
    )


def _write(path: Path, picture: Image.Image) -> None:
    """Write a picture, but not for a few points that a browser drew anew: the file stays then."""
    drawn = picture.convert("RGB")
    if path.exists():
        before = Image.open(path).convert("RGB")
        if before.size == drawn.size:
            changed = ImageChops.difference(before, drawn).convert("L").point(lambda v: v > 40)
            if sum(changed.histogram()[1:]) * 2000 < drawn.width * drawn.height:
                return
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn.save(path, lossless=True, quality=75, method=4)

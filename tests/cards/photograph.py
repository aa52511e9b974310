"""Photograph a card of nobody in the first design: `python -m tests.cards.photograph`.

The pictures of `docs/pictures/card-*.png` are made with it. They are looked at by people.
"""

import os
from pathlib import Path

import django

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def main() -> None:
    """Draw both sides, marked CONTOH."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "betang.settings")
    django.setup()
    from PIL import Image

    from betang.cards.design.render import rendered
    from betang.cards.design.sample import sample_face
    from tests.cards.designs import LOOK

    for side, pixels in zip(
        ("front", "back"), rendered(LOOK._replace(sample=True), [sample_face()])[0], strict=True
    ):
        picture = Image.fromarray(pixels).quantize(128, dither=Image.Dither.NONE)
        picture.save(PICTURES / f"card-{side}.png", optimize=True)


if __name__ == "__main__":
    main()

"""Uploaded logos: hostile until read. What is kept is never the file that came, but what we wrote.

A PNG is decoded within limits and encoded anew, without its texts and profiles. Of SVG a small
subset is drawn as filled and stroked paths (`svg.py`); everything else in it is refused by name.
"""

import warnings
from datetime import datetime
from hashlib import sha256
from io import BytesIO

from PIL import Image

from betang.cards.design.svg import SvgRefusedError, drawn_svg
from betang.cards.models import DesignPicture
from betang.core.actor import Actor
from betang.core.errors import FieldsError
from betang.core.identifiers import new_uuid
from betang.journal.record import record

FILE_MAX = 512 * 1024
#: Width and height of a PNG: more is not seen at 300 dpi, and costs memory to decode.
SIDE_MIN, SIDE_MAX = 16, 4_000
#: What is kept: a whole card's width in printer dots.
KEPT_SIDE_MAX = 1_011
PNG_BEGINS = b"\x89PNG\r\n\x1a\n"


class LogoRefusedError(FieldsError):
    """The upload is no picture that we print."""

    code = "design.logo"
    sentence = "Gambar ini tidak dapat dipakai: {wrong}."
    do = "Unggah PNG paling besar 512 KiB dan 4.000 titik, atau SVG sederhana berisi bentuk saja."


def keep_logo(content: bytes, *, actor: Actor, at: datetime) -> DesignPicture:
    """Read an upload, write it anew and keep it; the same picture twice is kept once.

    Raises `LogoRefusedError`.
    """
    assert actor.person is not None, "a logo is uploaded by a human"
    if len(content) > FILE_MAX:
        raise LogoRefusedError(field="file", wrong="lebih besar dari 512 KiB")
    if content.startswith(PNG_BEGINS):
        form, (width, height, written) = DesignPicture.Form.PNG, _png(content)
    else:
        form, (width, height, written) = DesignPicture.Form.PATHS, _svg(content)
    picture, made = DesignPicture.objects.get_or_create(
        sha256=sha256(written).hexdigest(),
        defaults={
            "form": form, "width": width, "height": height, "content": written,
            "kept_by_person": actor.person, "kept_at": at,
        },
    )  # fmt: skip
    if made:
        record(
            "design.picture_kept", new_uuid(), actor=actor, at=at, sha256=picture.sha256,
            form=form.value, bytes=len(written),
        )  # fmt: skip
    return picture


def _png(content: bytes) -> tuple[int, int, bytes]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow only warns of pictures that explode
            image = Image.open(BytesIO(content), formats=("PNG",))
            if not all(SIDE_MIN <= side <= SIDE_MAX for side in image.size):
                raise LogoRefusedError(
                    field="file", wrong=f"ukurannya {image.width} x {image.height} titik"
                )
            if getattr(image, "is_animated", False):
                raise LogoRefusedError(field="file", wrong="gambarnya bergerak")
            image.load()
            plain = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, EOFError, Warning, Image.DecompressionBombError):
        raise LogoRefusedError(field="file", wrong="bukan PNG yang utuh") from None
    plain.thumbnail((KEPT_SIDE_MAX, KEPT_SIDE_MAX), Image.Resampling.LANCZOS)
    out = BytesIO()
    # Bare pixels: whatever else the file carried stays behind.
    Image.frombytes("RGBA", plain.size, plain.tobytes()).save(out, "PNG", optimize=True)
    return plain.width, plain.height, out.getvalue()


def _svg(content: bytes) -> tuple[int, int, bytes]:
    try:
        return drawn_svg(content)
    except SvgRefusedError as refused:
        raise LogoRefusedError(field="file", wrong=str(refused)) from None

"""Turn a photo that a phone sent into a small picture that is ours: decoded, cut, written anew.

Whatever else the file held (place, camera, a second picture, bytes behind the end) is left behind.
The size is read from the header and refused before a pixel is decoded. What it does not prove: that
the picture shows a face, or this family's.
"""

import io
from warnings import catch_warnings, simplefilter

from PIL import Image, ImageOps, UnidentifiedImageError

#: What phones write. Other decoders (of documents, fonts, old formats) are never tried.
FORMATS = ("JPEG", "PNG", "WEBP")
#: A cheap phone's camera has 12 or 13 million; 32 million take 100 MB of memory to decode.
PIXELS_MAX = 32_000_000
#: Of a side, so that a strip of one pixel's height is no picture either.
SIDE_PIXELS_MAX = 10_000
SIDE_PIXELS_MIN = 64
#: The picture that phones carry: two centimetres of a cheap screen, a face still told apart.
SIDE_PIXELS = 160
#: 178 families of a village stay below a megabyte.
BYTES_MAX = 4096
#: From good to bad; what is too large at the last (noise) is made smaller in pixels.
QUALITIES = (80, 70, 60, 50, 40, 30, 20)
SMALLER_SIDES = (SIDE_PIXELS, 128, 96, 64)
#: Faces stand above the middle of a picture held upright.
CENTRE = (0.5, 0.4)


class PictureError(Exception):
    """The bytes are no picture of ours to make; `why` is a code."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def small_picture(content: bytes) -> bytes:
    """Make a square WebP of `SIDE_PIXELS` and at most `BYTES_MAX` bytes of a photo.

    Raises `PictureError`: `spoilt` (not JPEG, PNG or WebP, or broken), `too_large`, `too_small`.
    """
    square = _square(content)
    for side in SMALLER_SIDES:
        smaller = square if side == SIDE_PIXELS else square.resize((side, side))
        for quality in QUALITIES:
            written = io.BytesIO()
            smaller.save(written, "WEBP", quality=quality, method=6, exif=b"", icc_profile=b"")
            if written.tell() <= BYTES_MAX:
                return written.getvalue()
    raise PictureError("too_large")  # not met: 64 pixels of noise take 2 kB


def _square(content: bytes) -> Image.Image:
    try:
        with catch_warnings():
            simplefilter("ignore", Image.DecompressionBombWarning)  # the size is judged below
            opened = Image.open(io.BytesIO(content), formats=FORMATS)
        with opened as picture:
            width, height = picture.size
            if max(width, height) > SIDE_PIXELS_MAX or width * height > PIXELS_MAX:
                raise PictureError("too_large")
            if min(width, height) < SIDE_PIXELS_MIN:
                raise PictureError("too_small")
            picture.draft("RGB", (2 * SIDE_PIXELS, 2 * SIDE_PIXELS))  # a JPEG is decoded smaller
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            return ImageOps.fit(upright, (SIDE_PIXELS, SIDE_PIXELS), centering=CENTRE)
    except Image.DecompressionBombError:
        raise PictureError("too_large") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
        raise PictureError("spoilt") from None

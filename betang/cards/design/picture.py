"""A picture as it is drawn: dots with their transparency, or a drawing of filled paths."""

import zlib
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Name
from PIL import Image


@dataclass(frozen=True, slots=True)
class Picture:
    """An uploaded logo after it was read and written anew.

    `form` says how `content` is written: `png`, or `paths`: operators of a unit square of PDF.
    """

    sha256: str
    form: str
    width: int
    height: int
    content: bytes = field(repr=False)

    @property
    def resource(self) -> str:
        """Give the name under which a page finds it."""
        return f"/Picture{self.sha256[:16]}"


def fitted(picture: Picture, x: float, y: float, width: float, height: float) -> str:
    """Give the operators that draw a picture into a box, whole, in its middle, undistorted."""
    scale = min(width / picture.width, height / picture.height)
    wide, high = picture.width * scale, picture.height * scale
    left, low = x + (width - wide) / 2, y + (height - high) / 2
    return f"q {wide:.3f} 0 0 {high:.3f} {left:.3f} {low:.3f} cm {picture.resource} Do Q"


def embedded(pdf: pikepdf.Pdf, picture: Picture) -> Any:
    """Put a picture into a PDF once; give the object a page refers to."""
    if picture.form == "paths":
        return pdf.make_stream(
            zlib.compress(picture.content), Type=Name.XObject, Subtype=Name.Form,
            BBox=Array([0, 0, 1, 1]), Filter=Name.FlateDecode,
        )  # fmt: skip
    image = Image.open(BytesIO(picture.content)).convert("RGBA")
    shape: dict[str, Any] = {
        "Type": Name.XObject, "Subtype": Name.Image, "Width": image.width, "Height": image.height,
        "BitsPerComponent": 8, "Filter": Name.FlateDecode,
    }  # fmt: skip
    mask = pdf.make_stream(
        zlib.compress(image.getchannel("A").tobytes()), **shape, ColorSpace=Name.DeviceGray
    )
    return pdf.make_stream(
        zlib.compress(image.convert("RGB").tobytes()),
        **shape,
        ColorSpace=Name.DeviceRGB,
        SMask=mask,
    )

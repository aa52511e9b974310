"""A photo that a phone sent becomes a small picture of ours, or none."""

import io
import os
import struct
import zlib

import pytest
from PIL import Image

from betang.registry.picture import BYTES_MAX, SIDE_PIXELS, PictureError, small_picture


def photo(size=(960, 720), colour="#7a5c43", kind="JPEG", **options) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, kind, **options)
    return written.getvalue()


def noise(size=(960, 720)) -> bytes:
    """What no face is: the most bytes that a picture can have."""
    written = io.BytesIO()
    Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3)).save(written, "JPEG")
    return written.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it has so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    )


def chunks(webp: bytes) -> list[bytes]:
    """The kinds of chunks of a WebP (RIFF)."""
    at, kinds = 12, []
    while at < len(webp):
        size = int.from_bytes(webp[at + 4 : at + 8], "little")
        kinds.append(webp[at : at + 4])
        at += 8 + size + size % 2
    return kinds


class TestAPhotoThatIsNone:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"bukan gambar",
            os.urandom(4000),
            photo()[:300],
            photo()[:-20],
            photo(kind="PNG")[:40],
            photo(kind="GIF"),
            photo(kind="TIFF"),
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"%PDF-1.7",
        ],
        ids=[
            "empty", "text", "noise", "header", "cut", "cut png", "gif", "tiff", "svg", "pdf",
        ],
    )  # fmt: skip
    def test_is_spoilt(self, content):
        with pytest.raises(PictureError) as refused:
            small_picture(content)

        assert refused.value.why == "spoilt"

    @pytest.mark.parametrize("size", [(10_001, 64), (8_000, 8_000), (65_000, 65_000)])
    def test_of_too_many_pixels_is_refused_before_one_is_decoded(self, size):
        with pytest.raises(PictureError) as refused:
            small_picture(bomb(*size))

        assert refused.value.why == "too_large"

    def test_of_a_few_pixels_is_none(self):
        with pytest.raises(PictureError) as refused:
            small_picture(photo((40, 2_000)))

        assert refused.value.why == "too_small"


class TestAPhoto:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_becomes_a_small_square(self, kind):
        made = small_picture(photo(kind=kind))

        with Image.open(io.BytesIO(made)) as opened:
            assert (opened.format, opened.size) == ("WEBP", (SIDE_PIXELS, SIDE_PIXELS))
        assert len(made) <= BYTES_MAX

    def test_of_noise_is_small_too(self):
        assert len(small_picture(noise())) <= BYTES_MAX

    def test_loses_its_place_its_camera_and_what_hung_behind_it(self):
        exif = Image.Exif()
        exif[0x010F] = "Kamera Sari"
        exif.get_ifd(0x8825).update({1: "S", 2: (2.0, 12.0, 30.0)})
        told = photo(exif=exif, icc_profile=b"profil" * 50, comment=b"Sumiati") + b"sesudahnya"

        made = small_picture(told)

        assert chunks(made) == [b"VP8 "]
        for word in (b"Kamera", b"profil", b"Sumiati", b"sesudahnya"):
            assert word in told
            assert word not in made

    def test_that_was_held_sideways_stands_upright(self):
        sideways = Image.new("RGB", (900, 900), "black")
        sideways.paste("white", (0, 0, 450, 900))  # its left half
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned clockwise: left becomes the top
        written = io.BytesIO()
        sideways.save(written, "JPEG", exif=exif)

        with Image.open(io.BytesIO(small_picture(written.getvalue()))) as made:
            top, bottom = (made.convert("L").getpixel((80, y)) for y in (20, 140))

        assert top > 200
        assert bottom < 50

    def test_in_colours_of_print_or_with_holes_is_taken_too(self):
        for mode, kind in (("CMYK", "JPEG"), ("RGBA", "PNG"), ("L", "JPEG"), ("P", "PNG")):
            written = io.BytesIO()
            Image.new(mode, (300, 300)).save(written, kind)

            assert small_picture(written.getvalue())

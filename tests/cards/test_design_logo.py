"""Uploaded logos: what is hostile is refused by name, what is kept was written by us."""

import io
import zlib

import pytest
from PIL import Image, PngImagePlugin

from betang.cards.design.in_use import pictures
from betang.cards.design.logo import LogoRefusedError, keep_logo
from betang.cards.design.render import rendered
from betang.cards.design.sample import sample_face
from betang.cards.models import DesignPicture
from betang.journal.models import Entry
from tests.cards.designs import look, told

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10">%s</svg>'
SQUARE = b'<rect x="0" y="0" width="10" height="10" fill="#cc0000"/>'


def png(size=(64, 64), colour=(200, 0, 0, 255), **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", size, colour).save(out, "PNG", **options)
    return out.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def bomb() -> bytes:
    """A header that promises 60,000 x 60,000 dots."""
    size = (60_000).to_bytes(4, "big") * 2
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + b"\x08\x06\0\0\0") + chunk(b"IEND", b"")


def animated() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGBA", (32, 32), (n, 0, 0, 255)) for n in (0, 99)]
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    return out.getvalue()


HOSTILE = {
    "nothing": b"",
    "too large": b"\x89PNG\r\n\x1a\n" + bytes(600_000),
    "a head without a body": png()[:40],
    "a truncated picture": png()[:-30],
    "a bomb": bomb(),
    "a moving picture": animated(),
    "a dot": png((1, 1)),
    "a JPEG": b"\xff\xd8\xff\xe0" + bytes(100),
    "a page": b"<html><script>alert(1)</script></html>",
    "entities": b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SVG % b"&a;",
    "entities in other letters": ('<!DOCTYPE svg [<!ENTITY a "b">]><svg/>').encode("utf-16"),
    "a declared encoding": b'<?xml version="1.0" encoding="utf-7"?><svg>+ADw-script/+AD4-</svg>',
    "a style sheet": b'<?xml-stylesheet href="http://a/"?>' + SVG % SQUARE,
    "a script": SVG % b"<script>alert(1)</script>",
    "an event": SVG % b'<rect width="1" height="1" onload="alert(1)"/>',
    "a link": SVG % b'<a href="http://a/"><rect width="1" height="1"/></a>',
    "a picture of elsewhere": SVG % b'<image href="http://169.254.169.254/" width="1" height="1"/>',
    "a used part": SVG % b'<use href="#a"/>',
    "an old link": SVG % b'<g xmlns:l="http://www.w3.org/1999/xlink" l:href="file:///etc/passwd"/>',
    "a foreign object": SVG % b"<foreignObject/>",
    "a gradient": SVG % b'<rect width="1" height="1" fill="url(#a)"/>',
    "text": SVG % b"<text>a</text>",
    "a transparency that would be lost": SVG % b'<rect width="1" height="1" style="opacity:.1"/>',
    "no shape": SVG % b"",
    "no size": b'<svg><rect width="1" height="1"/></svg>',
    "a path of nonsense": SVG % b'<path d="M 0 0 L 1"/>',
    "numbers without end": SVG % b'<path d="M 0 0 L 1e99 5 Z"/>',
    "a turn that is none": SVG % b'<g transform="skewX(4)"><rect width="1" height="1"/></g>',
    "nesting without end": SVG % (b"<g>" * 4_000 + b"</g>" * 4_000),
    "too many lines": SVG % (b'<path d="M0 0' + b"h1" * 30_000 + b'"/>'),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_is_refused(db, budi, noon, name):
    with pytest.raises(LogoRefusedError) as refused:
        keep_logo(HOSTILE[name], actor=budi, at=noon)

    assert "Gambar ini tidak dapat dipakai" in refused.value.told
    assert not DesignPicture.objects.exists()


class TestKeep:
    def test_a_png_is_written_anew_without_what_it_carried(self, db, budi, noon):
        info = PngImagePlugin.PngInfo()
        info.add_text("Comment", "<?php secret ?>")
        info.add_itxt("XML:com.adobe.xmp", "secret")
        came = png(pnginfo=info) + b"secret behind the end"

        kept = keep_logo(came, actor=budi, at=noon)

        assert b"secret" in came
        assert b"secret" not in bytes(kept.content)
        assert Image.open(io.BytesIO(bytes(kept.content))).getpixel((5, 5)) == (200, 0, 0, 255)

    def test_a_large_png_is_made_as_small_as_the_card(self, db, budi, noon):
        kept = keep_logo(png((2_000, 1_000)), actor=budi, at=noon)

        assert (kept.width, kept.height) == (1011, 506)

    def test_the_same_twice_is_kept_once(self, db, budi, noon):
        first, second = (keep_logo(png(), actor=budi, at=noon) for _ in range(2))

        assert first.pk == second.pk
        assert Entry.objects.filter(kind="design.picture_kept").count() == 1

    def test_a_drawing_is_kept_as_numbers_and_operators(self, db, budi, noon):
        drawing = SVG % (
            b'<title>Lambang</title><g transform="translate(10,0) rotate(0) scale(1)">'
            b'<path d="M0 0h10v10H0z" fill="#0c0"/></g>'
            b'<circle cx="5" cy="5" r="4" style="fill:rgb(204,0,0);stroke:none"/>'
            b'<path d="M1 1 Q 2 2 3 1 A 1 1 0 0 1 5 5" fill="none" stroke="blue"/>'
        )

        kept = keep_logo(drawing, actor=budi, at=noon)

        content = bytes(kept.content).decode()
        assert (kept.form, kept.width, kept.height) == ("paths", 10_000, 5_000)
        assert set(content) <= set("0123456789.- \ne+mlchfSBrgRGw*")
        assert "0.800 0.000 0.000 rg" in content

    @pytest.mark.parametrize("content", [png(), SVG % SQUARE], ids=["png", "svg"])
    def test_is_printed_where_the_layout_says(self, db, budi, noon, content):
        kept = keep_logo(content, actor=budi, at=noon)
        layout = told()
        layout["front"]["parts"].append(
            {"id": "logo", "kind": "logo", "picture": kept.sha256, "x": 420, "y": 330, "w": 90,
             "h": 90}
        )  # fmt: skip
        plain = look(layout)
        shown = plain._replace(
            design=type(plain.design)(
                plain.design.uuid, "tes-1", plain.design.layout, pictures({kept.sha256})
            )
        )

        front = rendered(shown, [sample_face("Eka")])[0][0]

        assert tuple(front[375, 440]) == ((204, 0, 0) if kept.form == "paths" else (200, 0, 0))

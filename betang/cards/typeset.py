"""The card's two fonts: measured, set, and embedded as subsets of what a run really prints.

Source Sans Pro (SIL Open Font License) comes as a Python package, so that no system font is needed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import font_source_sans_pro
import pikepdf
from fontTools import subset
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name

REGULAR, BOLD = "Regular", "Semibold"
#: What stands for a character that the font lacks: visible, so that a check can find it.
MISSING = "?"


@dataclass(frozen=True)
class Typeface:
    """One weight: which glyph a character has, and how wide it is (thousandths of the size)."""

    weight: str
    glyphs: dict[int, int] = field(repr=False)
    widths: list[int] = field(repr=False)

    def width(self, text: str, size: float, *, tracking: float = 0) -> float:
        """Measure a line in points."""
        units = sum(self.widths[self._glyph(character)] for character in text)
        return units * size / 1000 + tracking * len(text)

    def show(self, text: str, x: float, y: float, size: float, *, tracking: float = 0) -> str:
        """Give the operators that set `text` with its baseline at (x, y)."""
        codes = "".join(f"{self._glyph(character):04X}" for character in text)
        spacing = f" {tracking:.2f} Tc" if tracking else " 0 Tc"
        return f"BT /{self.weight} {size:.2f} Tf{spacing} {x:.2f} {y:.2f} Td <{codes}> Tj ET"

    def show_turned(
        self, text: str, x: float, y: float, size: float, *, cosine: float, sine: float
    ) -> str:
        """Give the operators that set `text` along another direction."""
        codes = "".join(f"{self._glyph(character):04X}" for character in text)
        matrix = f"{cosine:.4f} {sine:.4f} {-sine:.4f} {cosine:.4f} {x:.2f} {y:.2f} Tm"
        return f"BT /{self.weight} {size:.2f} Tf 0 Tc {matrix} <{codes}> Tj ET"

    def lacks(self, text: str) -> bool:
        """Say whether some character of `text` has no glyph."""
        return any(ord(character) not in self.glyphs for character in text)

    def lines(
        self,
        text: str,
        width: float,
        sizes: Iterable[float],
        count: int,
        *,
        tracking: float = 0,
    ) -> tuple[float, list[str]]:
        """Break `text` into at most `count` lines at the largest of `sizes` that fits.

        Where none fits, words are left off at the end: a name is never cut inside a word.
        """
        size, broken = 0.0, [""]
        for size in sizes:
            broken = self._broken(text, width, size, tracking)
            wide = max(self.width(line, size, tracking=tracking) for line in broken)
            if len(broken) <= count and wide <= width:
                break
        return size, broken[:count]

    def _broken(self, text: str, width: float, size: float, tracking: float) -> list[str]:
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self.width(longer, size, tracking=tracking) > width:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def _glyph(self, character: str) -> int:
        return self.glyphs.get(ord(character)) or self.glyphs[ord(MISSING)]


@cache
def typeface(weight: str) -> Typeface:
    """Load the measures of a weight, once."""
    font = TTFont(_file(weight))
    scale = 1000 / font["head"].unitsPerEm
    order = {name: index for index, name in enumerate(font.getGlyphOrder())}
    glyphs = {code: order[name] for code, name in font.getBestCmap().items()}
    widths = [round(font["hmtx"][name][0] * scale) for name in font.getGlyphOrder()]
    return Typeface(weight, glyphs, widths)


def embed(pdf: pikepdf.Pdf, weight: str, characters: set[str]) -> Any:
    """Put a subset of `weight` with `characters` into `pdf`; give the font object.

    Glyph numbers are kept, so that content can be written before the subset is known.
    """
    face, codes = typeface(weight), {ord(c) for c in characters | {MISSING}}
    used = sorted((face.glyphs[code], code) for code in codes if code in face.glyphs)
    data = _subset(weight, (glyph for glyph, _ in used))
    font = TTFont(_file(weight))
    scale = 1000 / font["head"].unitsPerEm
    name = Name(f"/BETANG+SourceSansPro-{weight}")
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=name,
        Flags=32,
        FontBBox=Array([round(font["head"].xMin * scale), round(font["head"].yMin * scale),
                        round(font["head"].xMax * scale), round(font["head"].yMax * scale)]),
        ItalicAngle=0,
        Ascent=round(font["hhea"].ascent * scale),
        Descent=round(font["hhea"].descent * scale),
        CapHeight=660,
        StemV=80,
        FontFile2=pdf.make_stream(data, Length1=len(data)),
    )  # fmt: skip
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=name,
        CIDSystemInfo=Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
        DW=1000,
        W=Array([part for glyph, _ in used for part in (glyph, Array([face.widths[glyph]]))]),
        CIDToGIDMap=Name.Identity,
        FontDescriptor=pdf.make_indirect(descriptor),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=name,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=pdf.make_stream(_to_unicode(used)),
        )
    )


def _subset(weight: str, glyphs: Iterable[int]) -> bytes:
    """Give the font with the outlines of `glyphs` only; all keep their numbers."""
    options = subset.Options(retain_gids=True, hinting=False, layout_features=[])
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "BASE", "DSIG", "name", "post", "OS/2", "gasp"]
    font = subset.load_font(_file(weight), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(gids=sorted(glyphs))
    subsetter.subset(font)
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def _to_unicode(used: list[tuple[int, int]]) -> bytes:
    """Say which characters glyphs mean, so that a reader or a machine can take the text out."""
    head = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap"
        " /CMapName /Betang def /CMapType 2 def"
        " 1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
    )
    blocks = []
    for start in range(0, len(used), 100):
        block = used[start : start + 100]
        rows = "\n".join(
            f"<{glyph:04X}> <{chr(code).encode('utf-16-be').hex().upper()}>"
            for glyph, code in block
        )
        blocks.append(f"{len(block)} beginbfchar\n{rows}\nendbfchar\n")
    return (head + "".join(blocks) + "endcmap end end").encode("ascii")


def _file(weight: str) -> BytesIO:
    folder = Path(font_source_sans_pro.__file__).parent / "files"
    return BytesIO((folder / f"SourceSansPro-{weight}.ttf").read_bytes())

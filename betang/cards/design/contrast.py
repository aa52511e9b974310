"""Whether words stand out from what lies behind them (WCAG 2.2, success criterion 1.4.3)."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from betang.cards.design.finding import Finding, found
from betang.cards.design.language import KINDS, TEXT_KINDS
from betang.cards.design.layout import Part, Side
from betang.cards.design.render import Pixels
from betang.cards.ink import colour

TEXT_MIN, SIGN_MIN = 4.5, 3.0
#: A code must be read by cheap cameras in the shade: far above what an eye needs.
CODE_MIN = 7.0
#: The share of points behind a text that may be worse: the soft edge of a line is not a ground.
FEW = 0.01


def stands_out(name: str, side: Side, behind: Pixels) -> Iterator[Finding]:
    """Check each text against the picture of what lies behind it."""
    for part in side.parts:
        if part.kind in {"qr", "back_qr"}:
            yield from _code(name, part)
        for tone, least in _tones(part):
            reached = _least(behind, part, tone)
            if reached < least:
                yield found(
                    "contrast", name, part,
                    f"warna {part[tone]} kurang jelas di atas latarnya: {_comma(reached)} banding "
                    f"1, paling sedikit {_comma(least)}.",
                    "Pilih warna yang lebih gelap atau lebih terang, atau geser dari hiasan.",
                )  # fmt: skip


def luminance(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the relative luminance of sRGB colours between 0 and 1 (WCAG 2.2, definitions)."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    light: NDArray[np.float64] = linear @ np.array([0.2126, 0.7152, 0.0722])
    return light


def ratio(one: float, other: float) -> float:
    """Give the contrast of two luminances, 1 to 21."""
    light, dark = max(one, other), min(one, other)
    return (light + 0.05) / (dark + 0.05)


def _tones(part: Part) -> list[tuple[str, float]]:
    if part.kind == "advice":
        return [("colour", TEXT_MIN), ("soft", TEXT_MIN)]
    if part.kind in TEXT_KINDS:
        return [("colour", TEXT_MIN)]
    return [("colour", SIGN_MIN)] if part.kind == "tap_sign" else []


def _least(behind: Pixels, part: Part, tone: str) -> float:
    left, top, right, bottom = (max(0, edge) for edge in part.box)
    cut = behind[top:bottom, left:right]
    if cut.size == 0:
        return 21.0
    own = _luminance_of(part[tone])
    dark, light = np.quantile(luminance(cut / 255.0), [FEW, 1 - FEW])
    return min(ratio(own, float(dark)), ratio(own, float(light))) if not dark < own < light else 1.0


def _code(name: str, part: Part) -> Iterator[Finding]:
    dark, light = _luminance_of(part["dark"]), _luminance_of(part["light"])
    if dark > light:
        yield found(
            "qr_contrast", name, part, "modulnya lebih terang daripada bidangnya.",
            "Modul harus gelap dan bidangnya terang: banyak HP tidak membaca kode terbalik.",
        )  # fmt: skip
    elif ratio(dark, light) < CODE_MIN:
        yield found(
            "qr_contrast", name, part,
            f"beda modul dan bidangnya {_comma(ratio(dark, light))} banding 1, paling sedikit "
            f"{_comma(CODE_MIN)}.",
            f"Pakai hitam di atas putih untuk «{KINDS[part.kind].label}».",
        )  # fmt: skip


def _luminance_of(tone: str) -> float:
    return float(luminance(np.array(colour(tone))))


def _comma(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")

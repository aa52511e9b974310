"""The sentences of an indicator: which placeholders they may hold, and how values are written."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from betang.core import clock, money
from betang.core.criteria.kinds import Kind
from betang.core.criteria.tree import Name, Value
from betang.core.criteria.words import Refused, quoted

SENTENCE_CHARACTERS_MAX = 300
UNKNOWN = "belum diketahui"

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def check_sentence(text: str, names: Mapping[str, Name]) -> None:
    """Raise `Refused` if `text` is empty, too long or has a brace that is no placeholder."""
    if not text:
        raise Refused(0, "Kalimat masih kosong.", "Tulis kalimat yang akan dibaca keluarga.")
    if len(text) > SENTENCE_CHARACTERS_MAX:
        raise Refused(
            SENTENCE_CHARACTERS_MAX,
            f"Kalimat lebih panjang dari {SENTENCE_CHARACTERS_MAX} huruf.",
            "Ringkaskan.",
        )
    offset = 0
    while offset < len(text):
        if text[offset] in "{}":
            match = _PLACEHOLDER.match(text, offset)
            if match is None:
                raise Refused(
                    offset,
                    "Kurung kurawal hanya untuk {nama} fakta atau parameter.",
                    "Tulis misalnya {decile}.",
                )
            if match.group(1) not in names:
                raise Refused(
                    offset,
                    f"Nama {quoted(match.group(1))} tidak dikenal.",
                    "Pakai fakta atau parameter yang dinyatakan.",
                )
            offset = match.end()
        else:
            offset += 1


def placeholders(text: str) -> list[str]:
    """Give the names that a checked sentence shows."""
    return _PLACEHOLDER.findall(text)


def fill(text: str, values: Mapping[str, Value | None]) -> str:
    """Write a checked sentence with `values`, each as people write it."""
    return _PLACEHOLDER.sub(lambda found: written(found[1], values[found[1]]), text)


def written(name: str, value: Value | None) -> str:
    """Write one value: `Rp250.000` where the name ends in `_rupiah`, ya or tidak, a date."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, int):
        return money.rupiah(value) if name.endswith("_rupiah") else money.number(value)
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, date):
        return clock.day(value)
    return value


def value_of(text: str | None, kind: Kind) -> Value | None:
    """Read back what PostgreSQL wrote for a fact as text; None stays unknown."""
    if text is None:
        return None
    if kind is Kind.BOOLEAN:
        return text in ("true", "t")
    if kind is Kind.INTEGER:
        return int(text)
    if kind is Kind.NUMBER:
        return Decimal(text)
    if kind is Kind.DATE:
        return date.fromisoformat(text)
    return text


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        return str(value)
    shown = f"{value:f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    whole, _, fraction = shown.lstrip("-").partition(".")
    sign = "-" if value < 0 else ""
    return sign + money.number(int(whole or "0")) + (f",{fraction}" if fraction else "")

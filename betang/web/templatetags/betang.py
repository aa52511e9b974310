"""How figures, money, dates, states and icons are written on a page."""

from datetime import date, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from betang.core import clock
from betang.core.money import rupiah as write_rupiah
from betang.monitoring import telling
from betang.web.shell.search import query_of

register = template.Library()

#: What stands where nothing is known. Zero is a number.
UNKNOWN = "–"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon of the sprite; with a label where no word stands beside it."""
    href = static("betang/icons.svg") + f"#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', href)


@register.filter
def number(value: Any) -> str:
    """Write 1234567 as 1.234.567, and what is unknown as a dash."""
    return UNKNOWN if value is None or value == "" else f"{int(value):,}".replace(",", ".")


@register.filter
def decimal(value: Any, places: int = 1) -> str:
    """Write 12.5 as 12,5."""
    return UNKNOWN if value is None else f"{value:,.{places}f}".translate(str.maketrans(",.", ".,"))


@register.filter
def rupiah(value: Any) -> str:
    """Write 250000 as Rp250.000."""
    return UNKNOWN if value is None else write_rupiah(int(value))


@register.filter
def day(value: date | None) -> str:
    """Write a date as 12 November 2026."""
    if isinstance(value, datetime):
        value = value.astimezone(clock.WIB).date()
    return UNKNOWN if value is None else clock.day(value)


@register.filter
def moment(value: datetime | None) -> str:
    """Write a moment as 12 November 2026 14.32 WIB."""
    return UNKNOWN if value is None else clock.moment(value)


@register.filter
def hour(value: datetime | None) -> str:
    """Write a moment as 14.32 WIB."""
    return UNKNOWN if value is None else f"{value.astimezone(clock.WIB):%H.%M} WIB"


@register.filter
def share(part: int | None, whole: int | None) -> str:
    """Write a part of a whole as a percentage that never rounds up to a whole it is not."""
    if part is None or not whole:
        return UNKNOWN
    percent = part * 100 / whole
    if part < whole and percent > 99.9:
        percent = 99.9
    return f"{percent:.1f} %".replace(".", ",") if 0 < percent < 100 else f"{percent:.0f} %"


@register.filter
def short(name: str) -> str:
    """Name a regency without the word for what it is, where there is no room: Kapuas."""
    return name.removeprefix("Kab. ").removeprefix("Kota ")


@register.filter
def card_number(value: str | None) -> str:
    """Group a card number as people read it aloud: 62 1234 5678 90 01."""
    if not value:
        return UNKNOWN
    return " ".join((value[:2], value[2:6], value[6:10], value[10:12], value[12:]))


@register.filter
def household_number(value: str | None) -> str:
    """Group a household number: 123 456 7897."""
    return UNKNOWN if not value else f"{value[:3]} {value[3:6]} {value[6:]}"


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Look a key up in a mapping."""
    return mapping.get(key) if mapping else None


@register.simple_tag(takes_context=True)
def address(context: Any, **changes: Any) -> str:
    """Write this page's address with some parameters changed (None removes one)."""
    query = query_of(context["request"])
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = value
    text = query.urlencode()
    return f"?{text}" if text else "?"


@register.inclusion_tag("shell/state.html")
def state(colour: str, words: str) -> dict[str, str]:
    """Show a state by sign and word, never by colour alone."""
    signs = {"green": "check", "amber": "circle-help", "red": "hand", "grey": "info"}
    return {"colour": colour, "words": words, "sign": signs[colour]}


@register.filter
def wire(value: datetime | None) -> str:
    """Write a moment for a script."""
    return clock.to_wire(value) if value else ""


@register.filter
def age(value: datetime | None, now: datetime) -> str:
    """Write how long ago something was: 12 menit, 3 jam, 2 hari."""
    if value is None:
        return UNKNOWN
    minutes = max(0, round((now - value).total_seconds() / 60))
    if minutes < 60:
        return f"{minutes} menit"
    hours = round(minutes / 60)
    return f"{hours} jam" if hours < 48 else f"{round(hours / 24)} hari"


@register.inclusion_tag("monitoring/bar.html")
def bar(totals: Any) -> dict[str, str]:
    """Draw cards handed over and aid served as two fills of one bar."""

    def percent(part: int | None, whole: int | None) -> str:
        return f"{part * 100 / whole:.2f}" if part and whole else "0"

    return {
        "first": percent(totals.handed_over, totals.issued),
        "second": percent(totals.served, totals.due),
    }


@register.filter
def alert_title(kind: str) -> str:
    """Give the words for an alert's kind."""
    return telling.alert_title(kind)


@register.filter
def alert_advice(kind: str) -> str:
    """Say what to do first about an alert of this kind."""
    return telling.alert_advice(kind)

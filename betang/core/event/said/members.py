"""Reads one member of an event's data without trust, or raises `MalformedDataError` naming it."""

import re
from datetime import date, datetime
from typing import Any
from uuid import UUID

from betang.core.event.envelope import time_or_none, uuid_or_none

CARD = re.compile(r"62[0-9]{12}")
VILLAGE = re.compile(r"62[0-9]{8}")
HASH = re.compile(r"[0-9a-f]{64}")
DATE = re.compile(r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")


class MalformedDataError(ValueError):
    """The data do not fit their kind; the text names the member."""


def uuid(data: dict[str, Any], name: str) -> UUID:
    """Read a UUID."""
    value = uuid_or_none(data.get(name))
    if value is None:
        raise MalformedDataError(name)
    return value


def optional_uuid(data: dict[str, Any], name: str) -> UUID | None:
    """Read a UUID, or None where there is none."""
    return None if data.get(name) is None else uuid(data, name)


def text(data: dict[str, Any], name: str, form: re.Pattern[str], called: str | None = None) -> str:
    """Read a text of that form; `called` is the name that an error tells."""
    value = data.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise MalformedDataError(called or name)
    return value


def one_of(data: dict[str, Any], name: str, allowed: frozenset[str]) -> str:
    """Read one of the allowed codes."""
    value = data.get(name)
    if not isinstance(value, str) or value not in allowed:
        raise MalformedDataError(name)
    return value


def among(value: object, name: str, allowed: tuple[str, ...]) -> str:
    """Take a value that must be one of the allowed."""
    if not isinstance(value, str) or value not in allowed:
        raise MalformedDataError(name)
    return value


def optional_among(data: dict[str, Any], name: str, allowed: tuple[str, ...]) -> str | None:
    """Read one of the allowed codes, or None where there is none."""
    return None if data.get(name) is None else among(data[name], name, allowed)


def flag(data: dict[str, Any], name: str) -> bool:
    """Read true or false; absent is false."""
    value = data.get(name, False)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise MalformedDataError(name)
    return value


def whole(value: object, name: str, least: int, most: int) -> int:
    """Take a whole number within bounds."""
    if type(value) is not int or not least <= value <= most:
        raise MalformedDataError(name)
    return value


def real(value: object, name: str, least: float, most: float) -> float:
    """Take a number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise MalformedDataError(name)
    return float(value)


def time(data: dict[str, Any], name: str) -> datetime | None:
    """Read a moment (RFC 3339), or None where there is none."""
    if data.get(name) is None:
        return None
    at = time_or_none(data[name])
    if at is None:
        raise MalformedDataError(name)
    return at


def day(data: dict[str, Any]) -> date | None:
    """Read the calendar day `on`, as `2026-11-12`; None where nobody knows it."""
    text = data.get("on")
    if text is None:
        return None
    if not isinstance(text, str) or not DATE.fullmatch(text):
        raise MalformedDataError("on")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MalformedDataError("on") from None


def village(data: dict[str, Any], name: str = "village") -> int | None:
    """Read a village's code, or None where there is none."""
    return None if data.get(name) is None else int(text(data, name, VILLAGE))

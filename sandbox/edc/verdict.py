"""The verdict on a card that is shown: the table of verdict.md, first row that fits."""

from typing import Any, NamedTuple

RED_TAPS = ("tap.", "card.")
OLD_DAYS, TOO_OLD_DAYS = 14, 30


class Verdict(NamedTuple):
    """What to do, and why."""

    colour: str
    level: int
    allowed: bool
    reason: str
    needs: tuple[str, ...]
    name_shown: bool
    alert: bool


def decide(
    *,
    act: str,
    online: bool,
    lease: bool,
    custody: bool,
    qr: str,
    taps: str,
    nfc: bool,
    list_age_days: int | None,
    tap_required: bool,
) -> Verdict:
    """Say what to do with the card that is shown."""
    if qr not in {"none", "valid"} or taps.startswith(RED_TAPS):
        return _red(taps if qr in {"none", "valid"} else qr)
    if qr == "none" and taps == "none":
        return Verdict("amber", 0, False, "nothing.shown", (), False, False)
    grade = _grade(qr, taps, nfc=nfc, tap_required=tap_required)
    if grade.colour == "green" and not online and _older(list_age_days, OLD_DAYS):
        grade = _amber(1, "list.old")
    if act == "look":
        return grade._replace(allowed=False, needs=(), alert=False)
    stops = [
        (act == "hand_over" and not custody, "custody.none"),
        (act == "deliver" and not lease, "lease.reserve_first" if online else "lease.none"),
        (not online and _older(list_age_days, TOO_OLD_DAYS), "list.too_old"),
    ]
    return next((_not_now(reason) for stopped, reason in stops if stopped), grade)


def _grade(qr: str, taps: str, *, nfc: bool, tap_required: bool) -> Verdict:
    rows: list[tuple[bool, Any]] = [
        (taps == "two_rising", _green("tap.genuine")),
        (qr == "valid" and not tap_required, _green("qr.valid")),
        (taps == "one", _amber(2, "tap.only_one")),
        (taps == "past_window", _amber(2, "tap.past_window")),
        (nfc, _amber(2, "qr.tap_missing")),
    ]
    return next((verdict for fits, verdict in rows if fits), _amber(1, "qr.without_nfc"))


def _older(age: int | None, days: int) -> bool:
    return age is None or age > days


def _green(reason: str) -> Verdict:
    return Verdict("green", 0, True, reason, (), True, False)


def _amber(level: int, reason: str) -> Verdict:
    needs = ("photo",) if level == 1 else ("photo", "reason")
    return Verdict("amber", level, True, reason, needs, True, level == 2)


def _not_now(reason: str) -> Verdict:
    return Verdict("amber", 0, False, reason, (), True, False)


def _red(reason: str) -> Verdict:
    return Verdict("red", 0, False, reason, (), False, False)

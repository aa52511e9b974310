"""The receipt that the terminal prints: 32 columns of paper."""

import json
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

from sandbox.edc.memory import Event
from sandbox.edc.wire import from_time

if TYPE_CHECKING:
    from sandbox.edc.terminal import Terminal

COLUMNS = 32
WIB = timezone(timedelta(hours=7))


def receipt(terminal: "Terminal", event: Event, number: str) -> str:
    """Write what was given, to whom, and the number under which the office finds it."""
    told = json.loads(event.payload)
    bundle = terminal.memory.get("bundle", {})
    right = _by(bundle, "entitlements", told["data"]["entitlement"])
    benefit = _by(bundle, "benefits", right.get("benefit", ""))
    card: dict[str, str] = next(
        (one for one in bundle.get("cards", []) if one["number"] == number), {}
    )
    family = _by(bundle, "households", card.get("household", ""))
    programme = _by(bundle, "programmes", benefit.get("programme", ""))
    lines = [
        programme.get("card_name", "TANDA TERIMA").upper().center(COLUMNS).rstrip(),
        "-" * COLUMNS,
        f"No. {told['dev']}-{told['seq']}",
        from_time(told["at"]).astimezone(WIB).strftime("%d/%m/%Y %H.%M WIB"),
        f"Kartu ****{number[-6:]}",
        family.get("head_name", ""),
        "-" * COLUMNS,
        benefit.get("name", "Bantuan"),
        *(f"  {one['item']} {one['quantity']} {one['unit']}" for one in benefit.get("goods", [])),
        "-" * COLUMNS,
        "Simpan tanda terima ini.",
    ]
    return "\n".join(line[:COLUMNS] for line in lines if line)


def _by(bundle: dict, rows: str, uuid: str) -> dict:  # type: ignore[type-arg]
    return next((one for one in bundle.get(rows, []) if one["uuid"] == uuid), {})

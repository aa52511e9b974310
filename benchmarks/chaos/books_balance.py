"""The books balance, the tallies equal a recount, the journal is as it was sealed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import orjson
from django.db import transaction
from django.utils import timezone

from benchmarks.chaos.ask import one, rows
from benchmarks.chaos.world import GOODS
from betang.core.crypto.keyring import Purpose
from betang.journal import checkpoint, feed
from betang.keys import ring, signer

if TYPE_CHECKING:
    from benchmarks.chaos.check import Check

IMBALANCE = """
SELECT transaction, commodity, sum(amount) FROM ledger_posting GROUP BY 1, 2 HAVING sum(amount) <> 0
"""
BALANCES = """
SELECT a.code, sum(p.amount)::bigint FROM ledger_posting p JOIN ledger_account a
ON a.id = p.account_id GROUP BY 1
"""
COUNTED = """
SELECT e.payload FROM distribution_delivery d
JOIN accounts_device a ON a.uuid = d.device
JOIN (SELECT device_id, uuid, payload FROM sync_fieldevent
      UNION ALL SELECT device_id, uuid, payload FROM sync_fieldeventfork) e
  ON e.device_id = a.id AND e.uuid = d.event
WHERE d.counted
"""
RECOUNT = """
SELECT t.village_id, t.served_online, t.served_offline, t.contested, t.due,
       count(d.id) FILTER (WHERE d.counted AND d.online),
       count(d.id) FILTER (WHERE d.counted AND NOT d.online),
       count(d.id) FILTER (WHERE NOT d.counted AND d.decided_as IS NULL),
       count(DISTINCT e.id)
FROM distribution_villagetally t
LEFT JOIN distribution_entitlement e ON e.village_id = t.village_id AND e.cycle_id = t.cycle_id
     AND e.channel = 'hand'
LEFT JOIN distribution_delivery d ON d.entitlement_id = e.id
GROUP BY t.village_id, t.cycle_id, t.served_online, t.served_offline, t.contested, t.due
"""
SHORT = "SELECT count(*), coalesce(sum(short), 0)::bigint FROM distribution_stockcount"


def check(check: Check) -> None:
    """Check books, tallies and journal."""
    for row in rows(IMBALANCE):
        check.broken("the_books_balance", str(row))
    balances = dict(rows(BALANCES))
    given = _given()
    for good in GOODS:
        item = good["item"]
        out = balances.get(f"beban.{item}", 0)
        if out != given[str(item)]:
            check.broken("goods_out_are_counted_deliveries", f"{item}: {out}, {given[str(item)]}")
        if balances.get(f"persediaan.{item}", 0) + out != -balances.get(f"pasokan.{item}", 0):
            check.broken("the_stock_balances", f"{item}: {balances}")
    for village, *told in rows(RECOUNT):
        if told[:4] != told[4:]:
            check.broken("tallies_equal_a_recount", f"{village}: {told}")
    check.facts["stock_reports"], check.facts["short"] = rows(SHORT)[0]
    _journal(check)


def _given() -> Counter[str]:
    """Add up what the counted deliveries said was handed over, never more than the parcel."""
    given: Counter[str] = Counter()
    for (payload,) in rows(COUNTED):
        told = orjson.loads(bytes(payload))["data"].get("goods")
        said = {one["item"]: one["quantity"] for one in told} if told else None
        for good in GOODS:
            item, due = str(good["item"]), int(str(good["quantity"]))
            given[item] += due if said is None else min(due, said.get(item, 0))
    return given


def _journal(check: Check) -> None:
    """Seal the journal, read the seal as an auditor does, and compare."""
    while True:
        with transaction.atomic():
            if not feed.move().entries:
                break
    kid, _ = signer.current(Purpose.CHECKPOINT)
    with transaction.atomic():
        content = checkpoint.seal_journal(
            lambda message: signer.sign(Purpose.CHECKPOINT, message),
            kid=kid, at=timezone.now(), everything=True,
        )  # fmt: skip
    public = next(key.public for key in ring.public_ring() if key.kid == kid)
    verified = checkpoint.verify(checkpoint.read_checkpoint(content, public))
    check.facts["journal"] = verified.sealed.size
    if not verified.intact:
        check.broken("the_journal_is_intact", str(verified.findings[:5]))
    if waiting := one("SELECT count(*) FROM journal_outbox"):
        check.broken("the_journal_is_intact", f"{waiting} entries were never numbered")

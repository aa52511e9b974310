"""A tap presented online, by staff or a device: the only thing that raises a card's counter.

Normative: `docs/protocols/card.md` section 3. A presentation never raises a refusal: it is a row
with its verdict, also when red.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from betang.cards.models import Presentation
from betang.core.actor import Actor
from betang.core.card.chip import Tap
from betang.core.card.verdict import (
    NONE,
    ONE,
    PAST_WINDOW,
    TAPS_RED,
    TWO_RISING,
    Act,
    Shown,
    Verdict,
    decide,
)
from betang.core.clock import WIB
from betang.core.identifiers import new_uuid
from betang.journal.prepared import fetch
from betang.journal.record import record
from betang.keys import chip_master

#: Two taps of one card count as a pair within this time, at the same device.
PAIR_WITHIN = timedelta(minutes=5)

FIND = """
SELECT id, uuid, number, key_version, expires_on, village_id, custodian_device
FROM cards_card WHERE chip_uid = %s
"""

#: Of two presentations of one tap, this statement gives one of them a row. It also says whether the
#: same hand presented a lower counter of this card a moment ago: that makes the two taps a pair.
#: State and custodian are read from the row as it is once the counter was raised. The first of a
#: pair that is still being recorded is not seen: then the second is amber, and one more tap green.
RAISE_COUNTER = """
WITH raised AS (
    UPDATE cards_card SET counter = %s WHERE id = %s AND counter < %s
    RETURNING state, custodian_device
)
SELECT state, custodian_device, EXISTS (
    SELECT FROM cards_presentation p
    WHERE p.card_id = %s AND p.online AND p.device IS NOT DISTINCT FROM %s AND p.actor = %s
      AND p.counter < %s AND p.at > %s AND p.colour <> 'red')
FROM raised
"""

KEEP = """
INSERT INTO cards_presentation (uuid, card_id, card_number, act, online, device, actor, at,
    heard_at, uid, counter, mac, colour, reason, village_id, lat, lng)
VALUES (%s, %s, %s, %s, true, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
"""

#: Reasons that mean somebody holds a copy, or plays one back: told as `card.copied`.
COPIED = frozenset({"tap.replayed", "tap.forged", "tap.other_card"})
#: What the state of a card says of its chip; the others may be used.
OUT_OF_USE = {
    "blocked": "card.revoked",
    "replaced": "card.superseded",
    "ordered": "card.not_active",
    "printed": "card.not_active",
    "returned": "card.not_active",
    "spoilt": "card.not_active",
}


class Where(NamedTuple):
    """Where a card was shown, as far as it is known."""

    village: int | None = None
    lat: float | None = None
    lng: float | None = None


NOWHERE = Where()


def present(
    uid: bytes,
    counter: int,
    mac: bytes,
    *,
    act: Act | str,
    actor: Actor,
    at: datetime,
    heard_at: datetime | None = None,
    device: UUID | None = None,
    lease: bool = False,
    tap_required: bool = True,
    qr: str = NONE,
    where: Where = NOWHERE,
) -> Presentation:
    """Verify a tap online and keep it with its verdict.

    `lease`: the caller knows that this device may serve the card's family. `qr`: what reading the
    QR said, where it was read too. One statement raises the counter: of two presentations of one
    tap at once, one is fresh and the other `tap.replayed`.
    """
    act, tap = Act(act), Tap(uid, counter, mac)
    card = next((_Found._make(row) for row in fetch(FIND, uid)), None)
    taps, custodian = _seen(card, tap, act=act, device=device, actor=actor, at=at)
    past = card is not None and at.astimezone(WIB).date() > card.expires_on
    if past and taps not in TAPS_RED:  # a copy of an expired card is a copy, and told as one
        qr = "card.expired"
    verdict = decide(
        Shown(
            act=act,
            online=True,
            lease=lease,
            custody=card is not None and custodian == device,
            qr=qr,
            taps=taps,
            nfc=True,
            list_age_days=None,
            tap_required=tap_required,
        )
    )
    return _kept(
        card,
        tap,
        verdict,
        act=act,
        actor=actor,
        at=at,
        heard_at=heard_at,
        device=device,
        where=where,
    )


class _Found(NamedTuple):
    """The card of a chip, as it was before its counter was raised."""

    id: int
    uuid: UUID
    number: str
    key_version: int
    expires_on: date
    village: int
    custodian: UUID | None


def _seen(
    card: _Found | None, tap: Tap, *, act: Act, device: UUID | None, actor: Actor, at: datetime
) -> tuple[str, UUID | None]:
    """Say what a tap is, one of `verdict.TAPS_STATES`, and whose custody the card is in.

    A genuine tap raises the counter.
    """
    if card is None:
        return "card.unknown", None
    genuine = chip_master.is_genuine_tap(tap, version=card.key_version)
    if not genuine:
        if genuine is False:
            return "tap.forged", card.custodian
        # Without the master key this server cannot tell, and says so: never "fake".
        return "tap.replayed" if _was_shown(tap) else PAST_WINDOW, card.custodian
    counter = tap.counter
    hand = (card.id, device, actor.uuid, counter, at - PAIR_WITHIN)
    raised = fetch(RAISE_COUNTER, counter, card.id, counter, *hand)
    if not raised:
        return "tap.replayed", card.custodian
    # The state is that of the raised row, which is ours until the end of this act.
    state, custodian, had_first = raised[0]
    if state in OUT_OF_USE or (state == "in_custody" and act is Act.DELIVER):
        return OUT_OF_USE.get(state, "card.not_active"), custodian
    return (TWO_RISING if had_first else ONE), custodian


def _was_shown(tap: Tap) -> bool:
    """Say whether exactly this tap was presented before, and was not red then."""
    shown = Presentation.objects.filter(uid=tap.uid, counter=tap.counter)
    return shown.exclude(colour="red").exists()


def _sent_again(tap: Tap, *, device: UUID | None, actor: Actor, at: datetime) -> bool:
    """Say whether the same hand sent this very tap a moment ago: its answer was lost on the way."""
    sent = Presentation.objects.filter(
        uid=tap.uid, counter=tap.counter, device=device, actor=actor.uuid, at__gt=at - PAIR_WITHIN
    )
    return sent.exclude(colour="red").exists()


def _kept(
    card: _Found | None,
    tap: Tap,
    verdict: Verdict,
    *,
    act: Act,
    actor: Actor,
    at: datetime,
    heard_at: datetime | None,
    device: UUID | None,
    where: Where,
) -> Presentation:
    """Write the row and its journal entry."""
    again = verdict.reason == "tap.replayed" and _sent_again(tap, device=device, actor=actor, at=at)
    shown = Presentation(
        uuid=new_uuid(),
        card_id=card.id if card else None,
        card_number=card.number if card else "",
        act=act.value,
        online=True,
        device=device,
        actor=actor.uuid,
        at=at,
        heard_at=heard_at or at,
        uid=tap.uid,
        counter=tap.counter,
        mac=tap.mac,
        colour=verdict.colour.value,
        reason=verdict.reason,
        village_id=where.village,
        lat=where.lat,
        lng=where.lng,
    )
    whose = (shown.device, shown.actor, shown.at, shown.heard_at)
    seen = (shown.uid, shown.counter, shown.mac, shown.colour, shown.reason)
    card_facts = (shown.uuid, shown.card_id, shown.card_number, shown.act)
    ((shown.pk,),) = fetch(KEEP, *card_facts, *whose, *seen, *where)
    copied = verdict.reason in COPIED and not again
    kind = "card.copied" if copied else "card.presented"
    area = where.village or (card.village if card else None)
    facts = {
        "number": shown.card_number,
        "colour": shown.colour,
        "reason": shown.reason,
        "counter": tap.counter,
        "device": str(device) if device else None,
    }
    record(kind, card.uuid if card else shown.uuid, actor=actor, at=at, area=area, **facts)
    return shown

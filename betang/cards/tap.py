"""A tap presented online, by staff or a device: the only thing that raises a card's counter.

Normative: `docs/protocols/card.md` section 3. A presentation never raises a refusal: it is a row
with its verdict, also when red.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from betang.cards.models import Card, Presentation
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
from betang.journal.record import record
from betang.keys import chip_master

#: Two taps of one card count as a pair within this time, at the same device.
PAIR_WITHIN = timedelta(minutes=5)

# Of two presentations of one tap, this statement gives one of them a row.
RAISE_COUNTER = """
UPDATE cards_card SET counter = %(counter)s WHERE id = %(card)s AND counter < %(counter)s
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
    card = Card.objects.filter(chip_uid=uid).first()
    taps = _seen(card, tap, act=act, device=device, actor=actor, at=at)
    past = card is not None and at.astimezone(WIB).date() > card.expires_on
    if past and taps not in TAPS_RED:  # a copy of an expired card is a copy, and told as one
        qr = "card.expired"
    custody = card is not None and card.custodian_device == device
    verdict = decide(
        Shown(
            act=act,
            online=True,
            lease=lease,
            custody=custody,
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


def _seen(
    card: Card | None, tap: Tap, *, act: Act, device: UUID | None, actor: Actor, at: datetime
) -> str:
    """Say what a tap is: one of `verdict.TAPS_STATES`. A genuine one raises the counter."""
    if card is None:
        return "card.unknown"
    genuine = chip_master.is_genuine_tap(tap, version=card.key_version)
    if not genuine:
        if genuine is False:
            return "tap.forged"
        # Without the master key this server cannot tell, and says so: never "fake".
        return "tap.replayed" if _was_shown(tap) else PAST_WINDOW
    with connection.cursor() as cursor:
        cursor.execute(RAISE_COUNTER, {"counter": tap.counter, "card": card.pk})
        if cursor.rowcount == 0:
            return "tap.replayed"
    # The state is read after the counter was raised: the row is ours until the end of this act.
    card.refresh_from_db(fields=["state", "custodian_device"])
    if card.state in OUT_OF_USE or (card.state == "in_custody" and act is Act.DELIVER):
        return OUT_OF_USE.get(card.state, "card.not_active")
    return TWO_RISING if _had_first(card, tap, device=device, actor=actor, at=at) else ONE


def _was_shown(tap: Tap) -> bool:
    """Say whether exactly this tap was presented before, and was not red then."""
    shown = Presentation.objects.filter(uid=tap.uid, counter=tap.counter)
    return shown.exclude(colour="red").exists()


def _had_first(card: Card, tap: Tap, *, device: UUID | None, actor: Actor, at: datetime) -> bool:
    """Say whether the same hand presented a lower counter of this card a moment ago."""
    return (
        Presentation.objects.filter(
            card=card,
            online=True,
            device=device,
            actor=actor.uuid,
            counter__lt=tap.counter,
            at__gt=at - PAIR_WITHIN,
        )
        .exclude(colour="red")
        .exists()
    )


def _sent_again(tap: Tap, *, device: UUID | None, actor: Actor, at: datetime) -> bool:
    """Say whether the same hand sent this very tap a moment ago: its answer was lost on the way."""
    sent = Presentation.objects.filter(
        uid=tap.uid, counter=tap.counter, device=device, actor=actor.uuid, at__gt=at - PAIR_WITHIN
    )
    return sent.exclude(colour="red").exists()


def _kept(
    card: Card | None,
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
    shown = Presentation.objects.create(
        card=card,
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
    copied = verdict.reason in COPIED and not again
    kind = "card.copied" if copied else "card.presented"
    area = where.village or (card.village_id if card else None)
    facts = {
        "number": shown.card_number,
        "colour": shown.colour,
        "reason": shown.reason,
        "counter": tap.counter,
        "device": str(device) if device else None,
    }
    record(kind, card.uuid if card else shown.uuid, actor=actor, at=at, area=area, **facts)
    return shown

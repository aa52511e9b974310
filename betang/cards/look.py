"""The public look at a card: whoever taps or scans it. Raises nothing, alerts nobody, names no one.

Reloads and link previews would otherwise burn real counters: this page keeps a counter of its own.
"""

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from betang.cards.models import Card
from betang.core.card.chip import Tap
from betang.core.card.qr import QrRefusedError, read_token
from betang.keys import chip_master, ring

RAISE_PUBLIC = """
UPDATE cards_card SET public_counter = %(counter)s
WHERE id = %(card)s AND public_counter < %(counter)s AND counter < %(counter)s
"""


class Look(NamedTuple):
    """What a look found.

    `code`: `genuine`, `used` (tautan ini sudah dipakai, tempelkan lagi), `forged`, `unknown`,
    `cannot_tell` (no master key here), or for a QR the code with which it was refused. `card`: the
    row, where the code is about one.
    """

    code: str
    card: Card | None


def by_tap(tap: Tap, *, at: datetime) -> Look:
    """Look at a card by the URL that its chip showed."""
    card = Card.objects.filter(chip_uid=tap.uid).first()
    if card is None:
        return Look("unknown", None)
    genuine = chip_master.is_genuine_tap(tap, version=card.key_version)
    if not genuine:
        return Look("forged" if genuine is False else "cannot_tell", None)
    with connection.cursor() as cursor:
        cursor.execute(RAISE_PUBLIC, {"counter": tap.counter, "card": card.pk})
        fresh = cursor.rowcount == 1
    return Look("genuine" if fresh else "used", card)


def by_qr(text: str, *, at: datetime) -> Look:
    """Look at a card by the QR on its front."""
    try:
        claims = read_token(text, ring.keyring(), issuer=settings.CARD_HOST, at=at)
    except QrRefusedError as refused:
        return Look(refused.code, None)
    card = Card.objects.filter(number=claims.card_number).first()
    return Look("genuine", card) if card else Look("unknown", None)

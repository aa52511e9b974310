"""The signed QR of a card, as this installation issues it."""

from datetime import date, datetime, time, timedelta

from django.conf import settings

from betang.core.card.qr import CardClaims, TokenWriter, name_on_card
from betang.core.clock import WIB
from betang.core.crypto.keyring import Purpose
from betang.keys import signer

#: The design of the programme gives a card five years.
VALID_YEARS = 5


def writer() -> TokenWriter:
    """Give a writer with the card key of now; made once for a run."""
    return TokenWriter(*signer.writer(Purpose.CARD))


def expires_on(at: datetime) -> date:
    """Give the last day of a card issued `at`, in the province's zone."""
    day = at.astimezone(WIB).date()
    try:
        return day.replace(year=day.year + VALID_YEARS)
    except ValueError:  # 29 February
        return day.replace(year=day.year + VALID_YEARS, day=28)


def claims(
    *, number: str, name: str, village: int, issued_at: datetime, last_day: date
) -> CardClaims:
    """Put together what the QR says; the name is cut to fit."""
    midnight = datetime.combine(last_day + timedelta(days=1), time(), WIB)
    return CardClaims(
        issuer=settings.CARD_HOST,
        issued_at=issued_at,
        expires_at=midnight,
        card_number=number,
        household_name=name_on_card(name),
        regency=village // 1_000_000,
    )

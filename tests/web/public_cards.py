"""A card with a chip, as the public pages look at it."""

from datetime import date, datetime

from betang.cards.models import Card, Place
from betang.core.identifiers import new_uuid
from betang.core.identity.household_number import household_number
from betang.registry.models import Household

VILLAGE = 6203011001
UID = bytes.fromhex("04112233445566")


def make_card(at: datetime) -> Card:
    """Make an active card of a family whose name and village must not be told."""
    number = household_number(77_123)
    household = Household.objects.create(
        uuid=new_uuid(), number=number, village_id=VILLAGE, head_name="Lamiang Sutini"
    )
    place, _ = Place.objects.get_or_create(kind="province")
    return Card.objects.create(
        number=f"62{number}01", household=household, issue=1, village_id=VILLAGE, state="active",
        qr="", issued_at=at, handed_over_at=at, expires_on=date(2036, 1, 1), place=place,
        chip_uid=UID,
    )  # fmt: skip

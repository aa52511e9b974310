"""Whose card a design is looked at with: nobody's, or a family's that one may see."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from betang.accounts.access import may
from betang.cards.design.sample import sample_face
from betang.cards.faces import Face
from betang.cards.models import Card
from betang.core.errors import FieldsError
from betang.monitoring.looks import looked
from betang.web.guard import StaffRequest

#: Where the session keeps the card that was chosen.
KEY = "design_card"


class CardUnknownError(FieldsError):
    """No card has this number, or its family is not for this person to see."""

    code = "design.card_unknown"
    sentence = "Tidak ada kartu dengan nomor ini yang boleh Anda lihat."
    do = "Ketik 14 angka nomor kartu dari wilayah Anda, atau pakai data contoh."


def choose(request: StaffRequest, typed: str) -> None:
    """Look at designs with the card of this number, or with nobody's where nothing is typed.

    The look at its family is recorded here, once. Raises `CardUnknownError`.
    """
    number = "".join(typed.split())
    if not number:
        request.session.pop(KEY, None)
        return
    card = Card.objects.select_related("household").filter(number=number).first()
    if card is None or not may(request.user, "household.see", card.village_id):
        raise CardUnknownError(field="card")
    with transaction.atomic():
        looked(card.household, page="design", actor=request.user.actor, at=timezone.now())
    request.session[KEY] = str(card.uuid)


def chosen_card(request: StaffRequest) -> Card | None:
    """Give the card that was chosen, as long as its family may be seen."""
    kept = request.session.get(KEY)
    if kept is None:
        return None
    card = Card.objects.select_related("household").filter(uuid=UUID(kept)).first()
    if card is None or not may(request.user, "household.see", card.village_id):
        return None
    return card


def chosen_face(request: StaffRequest) -> Face:
    """Give the face to draw; its code is a sample's always, so that no picture is a card."""
    card = chosen_card(request)
    sample = sample_face()
    if card is None:
        return sample
    return Face(card.number, card.household.head_name, sample.qr, card.expires_on)

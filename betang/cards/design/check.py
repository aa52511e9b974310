"""All checks of a design: a few at once for the editor, every one before it is proposed."""

from collections.abc import Sequence

from django.conf import settings

from betang.cards.design.contrast import stands_out
from betang.cards.design.finding import Finding
from betang.cards.design.geometry import laid_out
from betang.cards.design.legible import codes_read
from betang.cards.design.render import backdrop, rendered
from betang.cards.design.sample import WORST_NAMES, sample_face
from betang.cards.design.version import Design
from betang.cards.design.wording import worded
from betang.cards.faces import Look
from betang.cards.printing.draw import ISSUER
from betang.core.card.qr import name_on_card
from betang.programmes.models import Programme
from betang.registry.models import Household

__all__ = ["Finding", "at_once", "everything", "look_of"]

#: The longest names of real families that a design is tried with.
REAL_NAMES = 50


def look_of(design: Design, programme: Programme | None = None, *, sample: bool) -> Look:
    """Give what the cards of a programme have in common, in a design."""
    programme = programme or Programme.objects.order_by("pk").first()
    name = programme.card_name if programme else "Kartu Bantuan"
    return Look(name, ISSUER, settings.CARD_HOST, sample=sample, design=design)


def at_once(look: Look, names: Sequence[str] = WORST_NAMES) -> list[Finding]:
    """Check what can be checked while somebody types: places, words, contrast."""
    behind = backdrop(look, sample_face())
    findings: list[Finding] = []
    for (name, side), pixels in zip(look.design.layout.sides, behind, strict=True):
        findings += laid_out(name, side)
        findings += worded(name, side, look, names)
        findings += stands_out(name, side, pixels)
    return findings


def everything(design: Design, *, programme: Programme | None = None) -> list[Finding]:
    """Check all of it: also with real names, and the codes in print and in a phone's frames."""
    look = look_of(design, programme, sample=False)
    findings = at_once(look, [*WORST_NAMES, *longest_names()])
    faces = [sample_face(name, serial=serial) for serial, name in enumerate(WORST_NAMES[:2], 1)]
    pages = rendered(look, faces)
    wanted = [[face.qr for face in faces], [f"https://{look.host}/k"] * len(faces)]
    for place, (name, side) in enumerate(design.layout.sides):
        told = [(page[place], text) for page, text in zip(pages, wanted[place], strict=True)]
        findings += codes_read(name, side, told)
    return findings


def longest_names() -> list[str]:
    """Give the longest names that families have here, as they stand on a card."""
    rows = Household.objects.raw(
        "SELECT id, head_name FROM registry_household ORDER BY length(head_name) DESC LIMIT %s",
        [REAL_NAMES],
    )
    return sorted({name_on_card(row.head_name) for row in rows})

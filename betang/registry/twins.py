"""Who in the registry, or among the families proposed, may be the family that was told of.

A NIK or KK that is equal proves that a number was told twice, not that a family was; a like name in
the same village proves nothing at all. A person decides.
"""

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import NamedTuple

from django.db.models import Q, QuerySet

from betang.registry.models import Household, HouseholdProposal, Member

#: Of two names of ten letters, one letter differs or is missing: Sumiati, Sumiyati.
LIKE = 0.85
#: More than this helps nobody to look.
TWINS_MAX = 20


class Twin(NamedTuple):
    """A family that may be the same, and why: `nik`, `family_number` or `name`."""

    household: Household
    why: str


def twins_of(proposal: HouseholdProposal) -> list[Twin]:
    """Give the probable twins in the registry, the surest first."""
    by_nik = Household.objects.filter(
        pk__in=Member.objects.filter(nik_index__in=proposal.nik_indexes).values("household_id")
    )
    found = {one.pk: Twin(one, "nik") for one in by_nik}
    if proposal.family_number_index is not None:
        index = bytes(proposal.family_number_index)
        for one in Household.objects.filter(family_number_index=index, state="active"):
            found.setdefault(one.pk, Twin(one, "family_number"))
    if proposal.head_name:
        for one in _of_like_name(proposal):
            found.setdefault(one.pk, Twin(one, "name"))
    return list(found.values())[:TWINS_MAX]


def other_proposals(proposal: HouseholdProposal) -> QuerySet[HouseholdProposal]:
    """Give the proposals that tell of the same numbers, or bear the same provisional number."""
    same = Q(provisional=proposal.provisional)
    if proposal.nik_indexes:
        same |= Q(nik_indexes__overlap=[bytes(one) for one in proposal.nik_indexes])
    if proposal.family_number_index is not None:
        same |= Q(family_number_index=bytes(proposal.family_number_index))
    return HouseholdProposal.objects.filter(same).exclude(pk=proposal.pk).order_by("pk")


def _of_like_name(proposal: HouseholdProposal) -> Iterable[Household]:
    """Compare with every head of the village: some hundreds, and spelling varies."""
    here = Household.objects.filter(village_id=proposal.village_id, state="active")
    name = _plain(proposal.head_name)
    like = [pk for pk, head in here.values_list("pk", "head_name") if _alike(name, _plain(head))][
        :TWINS_MAX
    ]
    return Household.objects.filter(pk__in=like).order_by("pk")


def _alike(one: str, other: str) -> bool:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= LIKE and matcher.ratio() >= LIKE


def _plain(name: str) -> str:
    """Order the words, so that `Sumiati binti Ahmad` meets `AHMAD, SUMIATI BINTI`."""
    return " ".join(sorted(name.casefold().replace(",", " ").replace(".", " ").split()))

"""Which alerts an account may see: those of its areas, and those of no place."""

from typing import Any

from django.db.models import Q, QuerySet

from betang.accounts.access import PROVINCE, areas_of
from betang.monitoring.models import Alert, AlertState


def alerts_for(user: Any) -> QuerySet[Alert]:
    """Give the alerts of the areas where `user` holds `alert.see`."""
    return alerts_in(areas_of(user, "alert.see"))


def alerts_in(areas: list[int]) -> QuerySet[Alert]:
    """Give the alerts of these areas. The board shows their titles to all who may see it.

    An alert's area may be a village or wider; one of a wider area, or of no place at all, is seen
    by who holds all of it.
    """
    if not areas:
        return Alert.objects.none()
    kept = Q(pk__in=[])
    for area in areas:
        for digits in (2, 4, 6, 10):
            factor = 10 ** (digits - len(str(area)))
            if factor >= 1:
                kept |= Q(area__range=(int(area * factor), int((area + 1) * factor) - 1))
        if area == PROVINCE:
            kept |= Q(area__isnull=True)
    return Alert.objects.filter(kept)


def open_alerts(user: Any) -> QuerySet[Alert]:
    """Give those that nobody has dealt with, the newest first."""
    return alerts_for(user).filter(state=AlertState.OPEN).order_by("-last_at")

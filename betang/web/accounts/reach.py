"""Which devices an account reaches on the pages."""

from typing import Any

from django.db.models import Q, QuerySet

from betang.accounts.access import areas_of, covers
from betang.accounts.models import Device
from betang.areas.models import Area


def devices_of(user: Any, permission: str = "device.see") -> QuerySet[Device]:
    """Give the devices inside the areas of `permission`, or of somebody whose areas are inside.

    Who sees the province and manages one regency manages the phones of that regency only.
    """
    areas = areas_of(user, permission)
    codes = Area.objects.values_list("code", flat=True)
    inside = [code for code in codes if any(covers(each, code) for each in areas)]
    rows = Device.objects.select_related("owner")
    if any(len(str(area)) == 2 for area in areas):
        return rows
    # A role that only one person proposed reaches nothing, also not through its holder's phones.
    owned = Q(
        owner__grants__area_id__in=inside,
        owner__grants__until_at__isnull=True,
        owner__grants__approved_by_person__isnull=False,
    )
    return rows.filter(
        pk__in=Device.objects.filter(Q(areas__area_id__in=inside) | owned).values("pk")
    )

"""What is wrong with a device in the field: one list of problems, for the page and for the alerts.

The worst first. Nothing here changes anything; most of it is what devices told of themselves, so a
device that tells nothing is found by its silence alone.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Case, Exists, IntegerField, Max, OuterRef, Q, QuerySet, Value, When

from betang.accounts.models import Device, DeviceState
from betang.distribution.models import LeaseRight

#: A day without a word is a phone to ask after (field.md: nag after 24 h).
SILENT_AFTER = timedelta(hours=24)
#: Three days with rights in hand is a village that may be standing still.
LOST_AFTER = timedelta(days=3)
#: The list of revoked cards: above this a green verdict turns amber (docs/protocols/verdict.md).
LIST_OLD_AFTER = timedelta(days=14)
#: Records that stay on a phone which does reach us: something in it refuses.
UNSENT_AFTER = timedelta(hours=24)
#: A phone whose clock is off by more says so on its own screen (docs/protocols/device.md).
CLOCK_OFF_S = 300


class Problem(NamedTuple):
    """A problem: its name in an address, its words, its rank, and which devices have it."""

    name: str
    words: str
    rank: int
    where: Callable[[datetime], Q]


def holding() -> Exists:
    """Say of a device that it holds rights of a live lease: families depend on it."""
    return Exists(
        LeaseRight.objects.filter(
            lease__device=OuterRef("pk"), lease__state="live", ended_at__isnull=True
        )
    )


def _silent(at: datetime, after: timedelta) -> Q:
    unheard = Q(last_seen_at__isnull=True, enrolled_at__lt=at - after)
    return Q(Q(last_seen_at__lt=at - after) | unheard, holding(), state=DeviceState.ACTIVE)


def _too_old(_: datetime) -> Q:
    found = Q(pk__in=[])
    for kind, least in settings.APP_VERSIONS_MIN.items():
        below = Q(app_number__lt=least) | Q(app_number__isnull=True)
        found |= Q(below, kind=kind, state=DeviceState.ACTIVE)
    return found


def _old(_: datetime) -> Q:
    found = Q(pk__in=[])
    for kind, newest in newest_versions().items():
        found |= Q(kind=kind, app_number__lt=newest, state=DeviceState.ACTIVE)
    return found


def _list_old(at: datetime) -> Q:
    oldest = at - LIST_OLD_AFTER
    return Q(Q(list_at__lt=oldest) | Q(ring_at__lt=oldest), state=DeviceState.ACTIVE)


def _unsent(at: datetime) -> Q:
    return Q(~Q(state=DeviceState.REVOKED), unsent__gt=0, oldest_unsent_at__lt=at - UNSENT_AFTER)


def _clock_off(_: datetime) -> Q:
    off = Q(clock_ahead_s__gt=CLOCK_OFF_S) | Q(clock_ahead_s__lt=-CLOCK_OFF_S)
    return Q(off, state=DeviceState.ACTIVE)


PROBLEMS = (
    Problem("beku", "Dibekukan", 9, lambda _: Q(state=DeviceState.FROZEN)),
    Problem("diam_tiga_hari", "Belum sinkron 3 hari", 8, lambda at: _silent(at, LOST_AFTER)),
    Problem("diam", "Belum sinkron 24 jam", 7, lambda at: _silent(at, SILENT_AFTER)),
    Problem("tertahan", "Catatan tertahan", 6, _unsent),
    Problem("daftar_lama", "Daftar lebih dari 14 hari", 5, _list_old),
    Problem("terlalu_lama", "Versi terlalu lama", 4, _too_old),
    Problem(
        "hapus_belum",
        "Hapus belum dijawab",
        3,
        lambda _: Q(
            wipe_ordered_at__isnull=False, wiped_at__isnull=True, confirmed_at__isnull=False
        ),
    ),
    Problem("versi_lama", "Versi lama", 2, _old),
    Problem("jam", "Jam meleset", 1, _clock_off),
    Problem(
        "simpanan",
        "Penyimpanan rawan",
        1,
        lambda _: Q(storage_persisted=False, state=DeviceState.ACTIVE),
    ),
)
BY_NAME = {one.name: one for one in PROBLEMS}


def newest_versions() -> dict[str, int]:
    """Give the newest version, as a number, of each kind of device that is at work.

    It is what devices said: one that boasts makes the others look old, and nothing more.
    """
    known = Device.objects.filter(state=DeviceState.ACTIVE, app_number__isnull=False)
    newest = known.order_by().values_list("kind").annotate(newest=Max("app_number"))
    return {str(kind): int(number) for kind, number in newest}


def with_attention(devices: QuerySet[Device], *, at: datetime) -> QuerySet[Device]:
    """Add `attention`: the rank of each device's worst problem, 0 where it has none."""
    ranks = [When(one.where(at), then=Value(one.rank)) for one in PROBLEMS]
    return devices.annotate(attention=Case(*ranks, default=Value(0), output_field=IntegerField()))


def counted(devices: QuerySet[Device], *, at: datetime) -> list[tuple[Problem, int]]:
    """Give how many of `devices` have each problem, those that somebody has."""
    counts = [(one, devices.filter(one.where(at)).count()) for one in PROBLEMS]
    return [(one, count) for one, count in counts if count]


def problems_of(pks: list[int], *, at: datetime) -> dict[int, list[Problem]]:
    """Give the problems of each of these devices, the worst first."""
    found: dict[int, list[Problem]] = {pk: [] for pk in pks}
    for one in PROBLEMS:
        having: Any = Device.objects.filter(one.where(at), pk__in=pks)
        for pk in having.values_list("pk", flat=True):
            found[pk].append(one)
    for several in found.values():  # three days without a word are a day without one too
        if BY_NAME["diam_tiga_hari"] in several:
            several.remove(BY_NAME["diam"])
        if BY_NAME["terlalu_lama"] in several and BY_NAME["versi_lama"] in several:
            several.remove(BY_NAME["versi_lama"])
    return found

"""Pemantauan: peringatan yang terbuka, angka papan, dan pencarian gawai yang diam."""

import click
from django.db import transaction
from django.utils import timezone

from betang.cli._acting import as_json_option, tell
from betang.monitoring import board, silence
from betang.monitoring.models import Alert, AlertState
from betang.monitoring.telling import alert_title


@click.group()
def command() -> None:
    """Lihat peringatan dan angka papan."""


@command.command()
@as_json_option
def alerts(as_json: bool) -> None:
    """Daftar peringatan yang terbuka, yang terbaru lebih dahulu."""
    rows = Alert.objects.filter(state=AlertState.OPEN).order_by("-last_at")[:200]
    tell(
        {
            "open": [
                {
                    "uuid": row.uuid,
                    "kind": row.kind,
                    "title": alert_title(row.kind),
                    "severity": row.severity,
                    "area": row.area,
                    "times": row.times,
                    "at": row.last_at,
                }
                for row in rows
            ]
        },
        as_json=as_json,
    )


@command.command()
@as_json_option
def figures(as_json: bool) -> None:
    """Angka papan untuk seluruh provinsi pada tahap yang berjalan."""
    cycle = board.shown_cycle()
    rows = board.villages(cycle.pk if cycle else None, [62])
    told = {"cycle": cycle.code if cycle else None, **board.total(rows)._asdict()}
    tell(told, as_json=as_json)


@command.command()
@as_json_option
def look(as_json: bool) -> None:
    """Cari gawai yang diam dan penugasan luring yang lewat waktu, sekarang juga."""
    before = Alert.objects.filter(state=AlertState.OPEN).count()
    with transaction.atomic():
        silence.look(at=timezone.now())
    after = Alert.objects.filter(state=AlertState.OPEN).count()
    tell({"open_before": before, "open_after": after}, as_json=as_json)

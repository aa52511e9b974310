"""Close an alert: somebody looked, and says what came of it."""

from datetime import datetime

from betang.core.actor import Actor
from betang.core.errors import FieldsError, RefusedError
from betang.journal.record import record
from betang.monitoring.models import Alert, AlertState

#: Shorter than this is not a reason that an auditor can use.
REASON_AT_LEAST = 10


class NoReasonError(FieldsError):
    """The reason is missing or says nothing."""

    code = "alert.no_reason"
    sentence = "Tulis apa yang diperiksa dan apa hasilnya, paling sedikit sepuluh huruf."
    do = "Contoh: Petugas dihubungi; telepon rusak dan sudah diganti."


class NotOpenError(RefusedError):
    """Somebody closed it before."""

    code = "alert.not_open"
    sentence = "Peringatan ini sudah diselesaikan orang lain."
    do = "Muat ulang daftar peringatan."


def close(alert: Alert, reason: str, *, actor: Actor, at: datetime) -> Alert:
    """Close `alert` with a reason. Raises `NoReasonError`, `NotOpenError`."""
    reason = " ".join(reason.split())
    if len(reason) < REASON_AT_LEAST:
        raise NoReasonError(field="reason")
    closed = Alert.objects.filter(pk=alert.pk, state=AlertState.OPEN).update(
        state=AlertState.CLOSED, closed_at=at, closed_by_person=actor.person, closing_reason=reason
    )
    if not closed:
        raise NotOpenError
    alert.refresh_from_db()
    record("alert.closed", alert.uuid, actor=actor, at=at, area=alert.area, alert=alert.kind)
    return alert

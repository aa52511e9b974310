"""A person's look at one card: asked for or opened by the rules, and closed with a finding."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q

from betang.cards.models import Card, Investigation, Suspicion
from betang.core.actor import Actor
from betang.core.errors import FieldsError, RefusedError
from betang.journal.record import record
from betang.keys.sealing import open_sealed, seal

#: Shorter than this is not a sentence that an auditor can use; longer is a letter.
SENTENCE_AT_LEAST = 10
SENTENCE_AT_MOST = 2_000

#: The persons behind the devices that showed the card in what looks wrong.
INVOLVED = """
SELECT u.person FROM cards_suspicion s
JOIN cards_presentation p ON p.id IN (s.first_id, s.second_id)
JOIN accounts_device d ON d.uuid = p.device
JOIN accounts_user u ON u.id = d.owner_id
WHERE s.investigation_id = %(investigation)s
UNION
SELECT u.person FROM cards_suspicion s
JOIN cards_presentation p ON p.id IN (s.first_id, s.second_id)
JOIN accounts_user u ON u.uuid = p.actor
WHERE s.investigation_id = %(investigation)s
"""


class AlreadyInvestigatedError(RefusedError):
    """The card has an investigation that is open."""

    code = "investigation.already_open"
    sentence = "Kartu ini sedang ditelusuri."
    do = "Lanjutkan penelusuran yang sudah terbuka."


class NotOpenError(RefusedError):
    """Somebody closed it before."""

    code = "investigation.not_open"
    sentence = "Penelusuran ini sudah diselesaikan orang lain."
    do = "Muat ulang halaman dan baca kesimpulannya."


class NoFindingError(FieldsError):
    """The finding is missing or not one of the list."""

    code = "investigation.finding"
    sentence = "Pilih kesimpulan penelusuran ini."
    do = "Bila buktinya tidak cukup, pilih: tidak dapat dipastikan."


class NoSentenceError(FieldsError):
    """The sentence is missing, says nothing, or is too long."""

    code = "investigation.sentence"
    sentence = "Tulis apa yang diperiksa dan apa hasilnya, antara sepuluh dan dua ribu huruf."
    do = "Contoh: Keluarga ditemui; kartu ada pada mereka dan tidak pernah dipinjamkan."


class OwnCardWorkError(RefusedError):
    """The person who would close it is one of those whose phones showed the card."""

    code = "investigation.own"
    sentence = "Anda sendiri menunjukkan kartu ini pada salah satu bukti."
    do = "Mintalah petugas lain menyelesaikan penelusuran ini."
    status = 403


def investigate(card: Card, *, actor: Actor, at: datetime) -> Investigation:
    """Open an investigation because a person asks. Raises `AlreadyInvestigatedError`."""
    try:
        with transaction.atomic():
            opened = Investigation.objects.create(
                card=card, cause=Investigation.Cause.ASKED, opened_at=at, opened_by=actor.uuid
            )
    except IntegrityError as error:
        raise AlreadyInvestigatedError from error
    record(
        "investigation.opened",
        opened.uuid,
        actor=actor,
        at=at,
        area=card.village_id,
        number=card.number,
        cause=opened.cause,
    )
    return opened


def conclude(
    investigation: Investigation, *, finding: str, sentence: str, actor: Actor, at: datetime
) -> Investigation:
    """Close an investigation with what it found.

    `sentence` is sealed. Raises `NoFindingError`, `NoSentenceError`, `OwnCardWorkError` (nobody
    judges his own work) or `NotOpenError` (another was first).
    """
    sentence = " ".join(sentence.replace("\0", "").split())
    if finding not in Investigation.Finding.values:
        raise NoFindingError(field="finding")
    if not SENTENCE_AT_LEAST <= len(sentence) <= SENTENCE_AT_MOST:
        raise NoSentenceError(field="sentence")
    if actor.person in involved(investigation):
        raise OwnCardWorkError
    closed = Investigation.objects.filter(
        pk=investigation.pk, state=Investigation.State.OPEN
    ).update(
        state=Investigation.State.CLOSED,
        closed_at=at,
        closed_by_person=actor.person,
        finding=finding,
        sentence_sealed=seal(sentence),
    )
    if not closed:
        raise NotOpenError
    investigation.refresh_from_db()
    card = investigation.card
    record(
        "investigation.closed",
        investigation.uuid,
        actor=actor,
        at=at,
        area=card.village_id,
        number=card.number,
        finding=finding,
    )
    return investigation


def sentence_of(investigation: Investigation) -> str:
    """Open what was written at the end; empty while it is open."""
    if investigation.sentence_sealed is None:
        return ""
    return open_sealed(bytes(investigation.sentence_sealed)).decode()


def involved(investigation: Investigation) -> set[object]:
    """Give the persons whose presentations are evidence in this investigation."""
    with connection.cursor() as cursor:
        cursor.execute(INVOLVED, {"investigation": investigation.pk})
        return {row[0] for row in cursor.fetchall()}


def false_alarms() -> list[dict[str, Any]]:
    """Count, for each rule, what persons found of the investigations that it led to.

    Each row: `rule`, `closed`, `copied`, `officer`, `false_alarm`, `unclear`. A rule that cries
    wolf is seen here; of random samples the share of `copied` and `officer` estimates what the
    rules miss.
    """
    found = {
        name: Count("investigation", distinct=True, filter=Q(investigation__finding=name))
        for name in Investigation.Finding.values
    }
    rows = Suspicion.objects.filter(investigation__state=Investigation.State.CLOSED)
    counted = rows.values("rule").annotate(closed=Count("investigation", distinct=True), **found)
    return [dict(row) for row in counted.order_by("rule")]

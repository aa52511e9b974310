"""Register a print bureau and its key: one person proposes, another approves."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from betang.cards.models import Bureau
from betang.cards.printing.package import recipient_of
from betang.core.actor import Actor
from betang.core.errors import (
    FieldsError,
    NotAllowedError,
    NotFoundError,
    RefusedError,
    SamePersonError,
)
from betang.journal.record import record

NAME_LENGTH_MAX = 80


class NoSuchBureauError(NotFoundError):
    """No bureau has this uuid."""

    code = "bureau.unknown"
    sentence = "Biro itu tidak ditemukan."
    do = "Lihat `betang cards bureau list`."


class BureauNameError(FieldsError):
    """The bureau has no name, or a very long one."""

    code = "bureau.name"
    sentence = "Nama biro belum diisi, atau lebih dari 80 huruf."
    do = "Isi nama biro seperti pada kontraknya."


class RecipientKnownError(RefusedError):
    """This key belongs to a bureau already."""

    code = "bureau.known"
    sentence = "Kunci ini sudah terdaftar."
    do = "Pakai biro yang ada, atau akhiri dahulu yang lama."


class BureauDecidedError(RefusedError):
    """The bureau was approved or ended before."""

    code = "bureau.decided"
    sentence = "Biro ini sudah disetujui atau sudah diakhiri."
    do = "Lihat `betang cards bureau list`."


def propose(name: str, recipient: str, *, actor: Actor, at: datetime) -> Bureau:
    """Propose a bureau and the key that will open what it is sent.

    Raises `BureauNameError`, `BadRecipientError`, `RecipientKnownError`.
    """
    if actor.person is None:
        raise NotAllowedError
    if not 0 < len(name.strip()) <= NAME_LENGTH_MAX:
        raise BureauNameError(field="name")
    recipient_of(recipient.strip())
    try:
        with transaction.atomic():
            bureau = Bureau.objects.create(
                name=name.strip(), recipient=recipient.strip(), proposed_by_person=actor.person,
                proposed_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise RecipientKnownError(field="recipient") from error
    record("bureau.proposed", bureau.uuid, actor=actor, at=at, recipient=bureau.recipient)
    return bureau


def approve(bureau: Bureau, *, actor: Actor, at: datetime) -> Bureau:
    """Approve a bureau and its key, as another person. Raises `SamePersonError`."""
    if actor.person is None:
        raise NotAllowedError
    if actor.person == bureau.proposed_by_person:
        raise SamePersonError
    waiting = Bureau.objects.filter(pk=bureau.pk, approved_at=None, ended_at=None)
    if not waiting.update(approved_by_person=actor.person, approved_at=at):
        raise BureauDecidedError
    bureau.refresh_from_db()
    record("bureau.approved", bureau.uuid, actor=actor, at=at, recipient=bureau.recipient)
    return bureau


def end(bureau: Bureau, *, actor: Actor, at: datetime) -> Bureau:
    """Send a bureau nothing more: one person is enough to stop."""
    if not Bureau.objects.filter(pk=bureau.pk, ended_at=None).update(ended_at=at):
        raise BureauDecidedError
    bureau.refresh_from_db()
    record("bureau.ended", bureau.uuid, actor=actor, at=at, recipient=bureau.recipient)
    return bureau


def find(uuid: UUID) -> Bureau:
    """Find a bureau. Raises `NoSuchBureauError`."""
    bureau = Bureau.objects.filter(uuid=uuid).first()
    if bureau is None:
        raise NoSuchBureauError
    return bureau

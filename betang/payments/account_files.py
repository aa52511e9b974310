"""The bank's account file passes two persons: one brings it, another accepts it.

It says where families' money goes. A clerk who could load one alone could send the aid of families
without an account to accounts of his own choice; the name check (`check.py`) is the second hurdle.
"""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from betang.core.actor import Actor
from betang.core.errors import NotAllowedError, NotFoundError, RefusedError, SamePersonError
from betang.journal.record import record
from betang.keys.sealing import open_sealed, seal
from betang.payments.accounts import Loaded, judge_accounts, load_accounts, read_answer
from betang.payments.models import AccountFile

#: Refusals kept in the report, so that a wrong file of 300,000 rows stays a readable page.
REPORTED_MAX = 1_000


class FileKnownError(RefusedError):
    """The same file was brought before."""

    code = "accounts.file_known"
    sentence = "Berkas yang sama sudah pernah dimasukkan ({state})."
    do = "Lanjutkan dengan berkas yang lama, atau mintalah berkas baru ke bank."


class FileDecidedError(RefusedError):
    """The file was accepted or rejected before."""

    code = "accounts.file_decided"
    sentence = "Berkas rekening ini sudah diputus."
    do = "Muat ulang daftar berkas rekening."


def stage_accounts(content: bytes, *, actor: Actor, at: datetime) -> AccountFile:
    """Keep the bank's file, sealed, with a report of what accepting it would do.

    A rejected file may be brought again. Raises `FileKnownError`, `NotAnAccountFileError`.
    """
    if actor.person is None:
        raise NotAllowedError
    digest = hashlib.sha256(content).hexdigest()
    known = AccountFile.objects.filter(sha256=digest).first()
    if known and known.state != AccountFile.State.REJECTED:
        raise FileKnownError(state=AccountFile.State(known.state).label)
    report = _report(judge_accounts(read_answer(content)))
    file = known or AccountFile(sha256=digest)
    file.content_sealed, file.state, file.report = seal(content), "staged", report
    file.staged_by_person, file.staged_at = actor.person, at
    file.decided_by_person = file.decided_at = None
    file.save()
    counts = {name: report[name] for name in ("opened", "changed", "same")}
    record(
        "accounts.staged", file.uuid, actor=actor, at=at, sha256=digest,
        refused=report["refused_count"], **counts,
    )  # fmt: skip
    return file


def find_file(uuid: UUID) -> AccountFile:
    """Find a file. Raises `NotFoundError`."""
    file = AccountFile.objects.filter(uuid=uuid).first()
    if file is None:
        raise NotFoundError
    return file


def accept_accounts(file: AccountFile, *, actor: Actor, at: datetime) -> Loaded:
    """Take over the accounts of a staged file, as another person than who brought it.

    The rows are judged again now: what changed since the report is decided by how things are.
    Raises `SamePersonError`, `FileDecidedError`.
    """
    content = _decide(file, AccountFile.State.ACCEPTED, actor=actor, at=at)
    loaded = load_accounts(read_answer(content), actor=actor, at=at)
    AccountFile.objects.filter(pk=file.pk).update(report=_report(loaded))
    file.refresh_from_db()
    return loaded


def reject_accounts(file: AccountFile, *, actor: Actor, at: datetime) -> AccountFile:
    """Turn a staged file down. Raises `SamePersonError`, `FileDecidedError`."""
    _decide(file, AccountFile.State.REJECTED, actor=actor, at=at)
    record("accounts.rejected", file.uuid, actor=actor, at=at, sha256=file.sha256)
    file.refresh_from_db()
    return file


def _decide(file: AccountFile, state: AccountFile.State, *, actor: Actor, at: datetime) -> bytes:
    """Decide a waiting file, of two at once by one, and give its content."""
    if actor.person is None:
        raise NotAllowedError
    waiting = AccountFile.objects.select_for_update().filter(pk=file.pk, state="staged").first()
    if waiting is None or waiting.content_sealed is None:
        raise FileDecidedError
    if actor.person == waiting.staged_by_person:
        raise SamePersonError
    content = open_sealed(bytes(waiting.content_sealed))
    waiting.content_sealed, waiting.state = None, state
    waiting.decided_by_person, waiting.decided_at = actor.person, at
    waiting.save()
    return content


def _report(loaded: Loaded) -> dict[str, Any]:
    return {
        "opened": loaded.opened,
        "changed": loaded.changed,
        "same": loaded.same,
        "refused_count": len(loaded.refused),
        "refused": [{"line": one.line, "code": one.code} for one in loaded.refused[:REPORTED_MAX]],
    }

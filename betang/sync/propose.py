"""Acts about a device's chain that take two persons, when they do not stand before one screen.

The first proposes with a reason; it waits with the device until another confirms it or sends it
back. On the command line both are named at once, and `ACTS` is used without a proposal.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction

from betang.accounts.models import Device
from betang.core.actor import Actor, ActorKind
from betang.core.errors import FieldsError, NotAllowedError, RefusedError, SamePersonError
from betang.journal.record import record
from betang.keys.sealing import open_sealed, seal
from betang.sync import supervise
from betang.sync.models import Proposal

REASON_CHARACTERS_MAX = 1_000


class UnknownActError(FieldsError):
    """There is no such act."""

    code = "proposal.unknown_act"
    sentence = "Tindakan ini tidak dikenal."
    do = "Pilih salah satu tindakan pada halaman gawai."


class ProposalReasonError(FieldsError):
    """The reason is missing or too long."""

    code = "proposal.reason"
    sentence = "Alasan kosong atau lebih dari {most} huruf."
    do = "Tulis apa yang diperiksa dan dengan siapa."


class ProposalWaitsError(RefusedError):
    """Another act about this device waits for a second person."""

    code = "proposal.waits"
    sentence = "Sudah ada usulan untuk gawai ini yang menunggu orang kedua."
    do = "Setujui atau kembalikan usulan itu lebih dahulu."


class NoProposalError(RefusedError):
    """Nothing is proposed for this device, or it was ended before."""

    code = "proposal.none"
    sentence = "Tidak ada usulan yang menunggu untuk gawai ini."
    do = "Muat ulang halaman gawai."


class Act(NamedTuple):
    """An act: its name on a page, what one should know before it, and how it is carried out."""

    label: str
    question: str
    carry_out: Callable[..., dict[str, Any]]


def _counting(name: str, act: Callable[..., int]) -> Callable[..., dict[str, Any]]:
    def carry_out(device: Device, **given: Any) -> dict[str, Any]:
        return {name: act(device, **given)}

    return carry_out


def _gap(device: Device, **given: Any) -> dict[str, Any]:
    closed, report = supervise.close_gap(device, **given)
    return {"from_seq": closed.from_seq, "to_seq": closed.to_seq, "applied_seq": report.seq}


ACTS = {
    "gap": Act(
        "Tutup celah catatan",
        "Catatan yang hilang dianggap tidak akan datang; sisanya diproses.",
        _gap,
    ),
    "release": Act(
        "Proses yang menunggu",
        "Catatan yang menunggu diproses menurut aturan yang sama dengan catatan lain.",
        _counting("released", supervise.release_waiting),
    ),
    "refuse": Act(
        "Tolak yang menunggu",
        "Catatan yang menunggu tidak akan pernah berlaku.",
        _counting("refused", supervise.refuse_waiting),
    ),
    "release_branch": Act(
        "Proses cabang kedua",
        "Catatan cabang kedua diproses; yang bertabrakan menjadi kasus.",
        _counting("released", supervise.release_branch),
    ),
    "refuse_branch": Act(
        "Tolak cabang kedua",
        "Catatan cabang kedua tidak akan pernah berlaku.",
        _counting("refused", supervise.refuse_branch),
    ),
    "reverse_branch": Act(
        "Batalkan cabang pertama",
        "Penyerahan cabang pertama yang terlanjur dihitung dibatalkan, barangnya kembali ke buku.",
        _counting("reversed", supervise.reverse_branch),
    ),
    "refuse_parked": Act(
        "Lepaskan yang gagal diproses",
        "Catatan yang selalu gagal tidak dicoba lagi dan tidak berlaku.",
        _counting("refused", supervise.refuse_parked),
    ),
}


def waiting_for(device: Device) -> Proposal | None:
    """Give the act that waits for a second person, if there is one."""
    return Proposal.objects.filter(device=device, state="waiting").first()


def reason_of(proposal: Proposal) -> str:
    """Open the reason of a proposal."""
    return open_sealed(bytes(proposal.reason_sealed)).decode()


def propose_act(device: Device, act: str, *, reason: str, actor: Actor, at: datetime) -> Proposal:
    """Propose an act of `ACTS` about a device.

    Raises `UnknownActError`, `ProposalReasonError`, `ProposalWaitsError`.
    """
    if actor.person is None:
        raise NotAllowedError
    if act not in ACTS:
        raise UnknownActError(field="act")
    if not 0 < len(reason.strip()) <= REASON_CHARACTERS_MAX:
        raise ProposalReasonError(field="reason", most=REASON_CHARACTERS_MAX)
    try:
        with transaction.atomic():
            made = Proposal.objects.create(
                device=device, act=act, reason_sealed=seal(reason), proposed_by=actor.uuid,
                proposed_by_person=actor.person, proposed_at=at,
            )  # fmt: skip
    except IntegrityError as taken:  # of two who propose at once, one
        raise ProposalWaitsError from taken
    record("proposal.made", device.uuid, actor=actor, at=at, device=device.short_id, act=act)
    return made


def confirm_act(device: Device, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Carry out what another person proposed about a device; give what it did.

    Raises `NoProposalError`, `SamePersonError`, and what the act itself raises.
    """
    with transaction.atomic():
        proposal = _end(device, "done", actor, at)
        first = Actor(ActorKind.STAFF, proposal.proposed_by, proposal.proposed_by_person)
        act = ACTS[proposal.act].carry_out
        return act(device, reason=reason_of(proposal), actor=first, second=actor, at=at)


def return_act(device: Device, *, actor: Actor, at: datetime) -> Proposal:
    """Send a proposed act back. Raises `NoProposalError`."""
    with transaction.atomic():
        proposal = _end(device, "returned", actor, at)
        facts: dict[str, Any] = {"device": device.short_id, "act": proposal.act}
        record("proposal.returned", device.uuid, actor=actor, at=at, **facts)
    return proposal


def _end(device: Device, state: str, actor: Actor, at: datetime) -> Proposal:
    """Take the waiting proposal under our lock and end it: of two persons at once, one does."""
    if actor.person is None:
        raise NotAllowedError
    waiting = Proposal.objects.select_for_update().filter(device=device, state="waiting").first()
    if waiting is None:
        raise NoProposalError
    if state == "done" and waiting.proposed_by_person == actor.person:
        raise SamePersonError
    waiting.state, waiting.ended_by_person, waiting.ended_at = state, actor.person, at
    waiting.save(update_fields=["state", "ended_by_person", "ended_at"])
    return waiting

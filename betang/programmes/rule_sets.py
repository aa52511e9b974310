"""Rule sets: one person proposes a text, a second approves it, and it never changes again.

The declared facts come from the caller (`betang.registry.facts.FACTS`), since programmes and
registry do not know each other.
"""

from datetime import date, datetime
from importlib.resources import files
from typing import Any

from betang.core.actor import Actor
from betang.core.criteria.kinds import Facts
from betang.core.criteria.rule_text import RuleText, normal, read_rules
from betang.core.errors import FieldsError, RefusedError, SamePersonError
from betang.journal.record import record
from betang.programmes.models import Programme, RuleSet


class OtherProgrammeError(FieldsError):
    """The text names another programme."""

    code = "rules.other_programme"
    sentence = "Teks aturan ini untuk program {named}, bukan {programme}."
    do = "Perbaiki baris «programme:» atau pilih program yang benar."


class KnownTextError(RefusedError):
    """The same text was proposed before."""

    code = "rules.known"
    sentence = "Teks aturan yang sama sudah pernah diusulkan."
    do = "Pakai usulan yang sudah ada."


class WithdrawnError(RefusedError):
    """The proposal was taken back."""

    code = "rules.withdrawn"
    sentence = "Usulan aturan ini sudah ditarik."
    do = "Usulkan teksnya lagi bila masih diperlukan."


class ApprovedStaysError(RefusedError):
    """The rule set was approved: it cannot be withdrawn any more."""

    code = "rules.approved_stays"
    sentence = "Aturan ini sudah disetujui, jadi tidak dapat ditarik lagi."
    do = "Usulkan aturan baru dengan «valid_from:» yang lebih kemudian untuk menggantikannya."


class NotDraftError(RefusedError):
    """The rule set was approved before."""

    code = "rules.not_draft"
    sentence = "Aturan ini sudah disetujui sebelumnya."
    do = "Muat ulang daftar aturan."


class DayTakenError(RefusedError):
    """Another rule set was approved for the same day."""

    code = "rules.day_taken"
    sentence = "Sudah ada aturan yang disetujui dan berlaku mulai hari yang sama."
    do = "Usulkan teks dengan «valid_from:» yang lain."


class ProposerApprovesError(SamePersonError):
    """The proposer may not approve."""

    code = "rules.two_persons"


def default_rules() -> str:
    """Give the rule text that a new installation of the KHBS begins with."""
    return (files("betang.programmes") / "rules" / "khbs-2026.rules").read_text("utf-8")


def check_rules(text: str, facts: Facts, programme: Programme | None = None) -> RuleText:
    """Read a rule text without keeping it. Raises `RuleTextError`, `OtherProgrammeError`."""
    rules = read_rules(text, facts)
    if programme is not None and rules.programme != programme.code:
        raise OtherProgrammeError(field="text", named=rules.programme, programme=programme.code)
    return rules


def propose_rules(
    programme: Programme, text: str, *, facts: Facts, actor: Actor, at: datetime
) -> RuleSet:
    """Keep a rule text as a proposal.

    Raises `RuleTextError` (with all findings), `OtherProgrammeError`, `KnownTextError`.
    """
    assert actor.person is not None, "a rule set is proposed by a human"
    rules = check_rules(text, facts, programme)
    standing = RuleSet.objects.exclude(state=RuleSet.State.WITHDRAWN)
    rule_set, created = standing.get_or_create(
        programme=programme,
        digest=rules.digest,
        defaults={
            "name": rules.name,
            "valid_from": rules.valid_from,
            "text": normal(text),
            "compiled": described(rules, facts),
            "proposed_by_person": actor.person,
            "proposed_at": at,
        },
    )
    if not created:
        raise KnownTextError(field="text")
    record(
        "ruleset.proposed",
        rule_set.uuid,
        actor=actor,
        at=at,
        programme=programme.uuid,
        digest=rules.digest,
        valid_from=rules.valid_from.isoformat(),
        indicators=len(rules.indicators),
    )
    return rule_set


def approve_rules(rule_set: RuleSet, *, facts: Facts, actor: Actor, at: datetime) -> RuleSet:
    """Let a proposed rule set be used for judging, by a second person.

    The text is read again, since facts may have changed after the proposal. Raises
    `ProposerApprovesError`, `NotDraftError`, `WithdrawnError`, `DayTakenError`, `RuleTextError`.
    """
    assert actor.person is not None, "a rule set is approved by a human"
    if actor.person == rule_set.proposed_by_person:
        raise ProposerApprovesError
    # Of two approvals for one day, the second waits here and then sees the first.
    Programme.objects.select_for_update().get(pk=rule_set.programme_id)
    read_rules(rule_set.text, facts)
    approved = RuleSet.objects.filter(
        programme_id=rule_set.programme_id, state=RuleSet.State.APPROVED
    )
    if approved.filter(pk=rule_set.pk).exists():
        raise NotDraftError
    if approved.filter(valid_from=rule_set.valid_from).exists():
        raise DayTakenError
    taken = RuleSet.objects.filter(pk=rule_set.pk, state=RuleSet.State.DRAFT).update(
        state=RuleSet.State.APPROVED, approved_by_person=actor.person, approved_at=at
    )
    if not taken:
        raise WithdrawnError
    rule_set.refresh_from_db()
    record(
        "ruleset.approved",
        rule_set.uuid,
        actor=actor,
        at=at,
        programme=rule_set.programme.uuid,
        digest=rule_set.digest,
        valid_from=rule_set.valid_from.isoformat(),
    )
    return rule_set


def withdraw_rules(rule_set: RuleSet, *, actor: Actor, at: datetime) -> RuleSet:
    """Take a proposed rule set back; its text may be proposed again.

    Whether `actor` may (the proposer, or who may approve) is asked by the interface. Raises
    `ApprovedStaysError`, `WithdrawnError`.
    """
    assert actor.person is not None, "a rule set is withdrawn by a human"
    taken = RuleSet.objects.filter(pk=rule_set.pk, state=RuleSet.State.DRAFT).update(
        state=RuleSet.State.WITHDRAWN, withdrawn_by_person=actor.person, withdrawn_at=at
    )
    rule_set.refresh_from_db()
    if not taken:
        approved = rule_set.state == RuleSet.State.APPROVED
        raise ApprovedStaysError if approved else WithdrawnError
    record(
        "ruleset.withdrawn",
        rule_set.uuid,
        actor=actor,
        at=at,
        programme=rule_set.programme.uuid,
        digest=rule_set.digest,
    )
    return rule_set


def rules_in_force(programme: Programme, on: date) -> RuleSet | None:
    """Give the approved rule set that holds on a day: the latest that began by then."""
    return (
        RuleSet.objects.filter(
            programme=programme, state=RuleSet.State.APPROVED, valid_from__lte=on
        )
        .order_by("-valid_from")
        .first()
    )


def described(rules: RuleText, facts: Facts) -> dict[str, Any]:
    """Write a rule text for pages and other readers. Judging never runs this."""
    return {
        "version": 1,
        "name": rules.name,
        "programme": rules.programme,
        "valid_from": rules.valid_from.isoformat(),
        "parameters": [
            {"name": each.name, "kind": each.kind, "value": str(each.value)}
            for each in rules.parameters
        ],
        "facts": [
            {"name": name, "kind": kind, "label": facts[name][1]}
            for name, kind in rules.fact_kinds.items()
        ],
        "indicators": [
            {
                "name": each.name,
                "role": each.role,
                "label": each.label,
                "when": each.written,
                "true": each.when_true,
                "false": each.when_false,
                "unknown": each.when_unknown,
            }
            for each in rules.indicators
        ],
    }

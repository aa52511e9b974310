"""Drafting a design: begun from another version, saved step by step, undone, thrown away."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max

from betang.cards.design.language import KINDS, default_of
from betang.cards.design.layout import LayoutFormError, digest, read, written
from betang.cards.design.version import Design
from betang.cards.models import DesignPicture, DesignStep, DesignVersion
from betang.core.actor import Actor
from betang.core.errors import FieldsError, RefusedError
from betang.journal.record import record
from betang.programmes.models import Programme

#: The number after which a slug is written: the first of `rumah-panjang` is part of the house.
FIRST_NUMBERS = {"rumah-panjang": 1}

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
SLUG_MAX = 30


class NotADraftError(RefusedError):
    """The version was proposed: it cannot be edited any more."""

    code = "design.not_draft"
    sentence = "Rancangan {name} sudah diusulkan, jadi tidak dapat diubah lagi."
    do = "Buat draf baru dari rancangan ini."


class NothingToUndoError(RefusedError):
    """There is no earlier (or later) step."""

    code = "design.no_step"
    sentence = "Tidak ada langkah lagi ke arah itu."
    do = "Lanjutkan mengubah rancangan."


class DesignNameError(FieldsError):
    """A name is small letters, digits and hyphens."""

    code = "design.name"
    sentence = "Nama rancangan ini tidak dapat dipakai."
    do = "Pakai huruf kecil, angka dan tanda hubung, paling panjang 30, seperti rumah-panjang."


class PictureUnknownError(LayoutFormError):
    """A layout shows a picture that was never uploaded here."""

    code = "design.picture_unknown"


def begin(
    source: Design, *, actor: Actor, at: datetime, programme: Programme | None = None
) -> DesignVersion:
    """Begin a draft that looks like `source`; its number is the next of that name."""
    return _begun(source.name, written(source.layout), actor=actor, at=at, programme=programme)


def bring_in(
    name: str, told: Any, *, actor: Actor, at: datetime, programme: Programme | None = None
) -> DesignVersion:
    """Begin a draft from a layout that was exported elsewhere.

    Raises `LayoutFormError`, `LayoutError`, `PictureUnknownError`, `DesignNameError`.
    """
    content = written(read(told))
    _pictures_known(content)
    return _begun(name, content, actor=actor, at=at, programme=programme)


def save(version: DesignVersion, told: Any, *, actor: Actor, at: datetime) -> DesignVersion:
    """Keep what a draft says now as its next step; steps that were undone are forgotten.

    Saving the same again is no step. Raises `NotADraftError`, `LayoutFormError`, `LayoutError`,
    `PictureUnknownError`.
    """
    assert actor.person is not None, "a design is drawn by a human"
    held = _draft(version)
    content = written(read(told))
    _pictures_known(content)
    if digest(content) == held.digest:
        return held
    DesignStep.objects.filter(version=held, step__gt=held.step).delete()
    return _moved(held, held.step + 1, content, person=actor, at=at)


def undo(version: DesignVersion, *, back: bool = True) -> DesignVersion:
    """Go one step back, or forward again. Raises `NotADraftError`, `NothingToUndoError`."""
    held = _draft(version)
    step = held.step - 1 if back else held.step + 1
    found = DesignStep.objects.filter(version=held, step=step).first()
    if found is None:
        raise NothingToUndoError
    held.step, held.content, held.digest = step, found.content, digest(found.content)
    held.save(update_fields=["step", "content", "digest"])
    return held


def discard(version: DesignVersion, *, actor: Actor, at: datetime) -> DesignVersion:
    """Throw a draft away; its name is not given again. Raises `NotADraftError`."""
    held = _draft(version)
    held.state = DesignVersion.State.DISCARDED
    held.save(update_fields=["state"])
    record("design.discarded", held.uuid, actor=actor, at=at, name=held.name)
    return held


def with_part(told: dict[str, Any], side: str, kind: str) -> dict[str, Any]:
    """Give a layout with one more part of `kind`, as the language presets it."""
    if kind not in KINDS or side not in KINDS[kind].sides:
        raise LayoutFormError(wrong="jenis bagian itu tidak ada di sisi ini")
    parts = told[side]["parts"]
    taken = {part["id"] for part in parts}
    name = next(
        name for name in (kind, *(f"{kind}_{n}" for n in range(2, 999))) if name not in taken
    )
    new = {
        "id": name,
        "kind": kind,
        **{each: default_of(kind, each) for each in KINDS[kind].fields},
    }
    return _changed(told, side, lambda _: [*parts, new])


def without_part(told: dict[str, Any], side: str, name: str) -> dict[str, Any]:
    """Give a layout without one part."""
    return _changed(told, side, lambda parts: [part for part in parts if part["id"] != name])


def _changed(
    told: dict[str, Any], side: str, change: Callable[[list[Any]], list[Any]]
) -> dict[str, Any]:
    copied: dict[str, Any] = json.loads(json.dumps(told))
    copied[side]["parts"] = change(copied[side]["parts"])
    return copied


def _begun(
    name: str, content: Any, *, actor: Actor, at: datetime, programme: Programme | None
) -> DesignVersion:
    assert actor.person is not None, "a design is drawn by a human"
    slug = name.rpartition("-")[0] if name.rpartition("-")[2].isdigit() else name
    if not SLUG.fullmatch(slug) or len(slug) > SLUG_MAX:
        raise DesignNameError(field="name")
    with connection.cursor() as cursor:  # of two who begin at once, the second waits for a number
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('cards.design'))")
    last = DesignVersion.objects.filter(slug=slug).aggregate(Max("number"))["number__max"]
    version = DesignVersion.objects.create(
        slug=slug,
        number=(last or FIRST_NUMBERS.get(slug, 0)) + 1,
        programme=programme,
        content=content,
        digest=digest(content),
        based_on=name,
        made_by_person=actor.person,
        made_at=at,
    )
    DesignStep.objects.create(version=version, step=1, content=content, person=actor.person, at=at)
    record("design.begun", version.uuid, actor=actor, at=at, name=version.name, based_on=name)
    return version


def _moved(
    held: DesignVersion, step: int, content: Any, *, person: Actor, at: datetime
) -> DesignVersion:
    assert person.person is not None
    DesignStep.objects.create(version=held, step=step, content=content, person=person.person, at=at)
    held.step, held.content, held.digest = step, content, digest(content)
    held.save(update_fields=["step", "content", "digest"])
    return held


def _draft(version: DesignVersion) -> DesignVersion:
    """Hold the row, so that of two savings at once the second sees the first."""
    held = DesignVersion.objects.select_for_update().get(pk=version.pk)
    if held.state != DesignVersion.State.DRAFT:
        raise NotADraftError(name=held.name)
    return held


def _pictures_known(content: Any) -> None:
    names = read(content).pictures
    known = set(DesignPicture.objects.filter(sha256__in=names).values_list("sha256", flat=True))
    if names - known:
        raise PictureUnknownError(wrong="sebuah logo belum diunggah di sini")

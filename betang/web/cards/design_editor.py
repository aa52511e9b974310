"""The editor of a draft: what was typed is checked, drawn, kept step by step, and proposed."""

import base64
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from betang.cards.design import current, load
from betang.cards.design.check import at_once, look_of
from betang.cards.design.decide import DesignRefusedError, propose
from betang.cards.design.edit import begin, discard, save, undo, with_part, without_part
from betang.cards.design.in_use import DesignUnknownError, pictures
from betang.cards.design.language import SIDE_WORDS
from betang.cards.design.layout import Layout, read
from betang.cards.design.logo import LogoRefusedError, keep_logo
from betang.cards.design.render import png, rendered
from betang.cards.design.trial_page import trial_page
from betang.cards.design.version import Design
from betang.cards.models import DesignPicture, DesignVersion
from betang.core.errors import RefusedError
from betang.web.cards.design_form import shown, told_from
from betang.web.cards.design_sample import choose, chosen_card, chosen_face
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, named

SAID = {
    "save": "Draf disimpan.",
    "undo": "Satu langkah mundur.",
    "redo": "Satu langkah maju.",
    "add": "Bagian baru ditambahkan; letakkan di tempatnya.",
    "remove": "Bagian dihapus. Tombol «Mundur» mengembalikannya.",
    "logo": "Gambar diunggah dan ditulis ulang.",
    "sample": "Data pratinjau diganti.",
    "propose": "Rancangan diusulkan. Orang kedua menyetujuinya sebelum dicetak.",
    "discard": "Draf dibuang.",
}


def begun(request: StaffRequest, form: Form) -> DesignVersion | None:
    """Begin a draft from the version that the form names."""

    def doing() -> DesignVersion:
        source = named(form.get("source"))
        if source is None:
            raise DesignUnknownError
        return begin(load(source), actor=request.user.actor, at=timezone.now())

    return act(request, doing, "Draf baru dibuat.", form=form)


def edited(request: StaffRequest, version: DesignVersion) -> HttpResponse:
    """Do to a draft what the button says; what was typed is kept in the same step."""
    form = Form(request)
    what, _, target = form.get("act").partition(":")
    doing = _doing(request, version, form, target).get(what)
    if doing is None:
        raise Http404
    findings: list[Any] = []
    if what == "propose" and not _kept_first(request, version, form):
        return editor(request, version, form)

    def done() -> bool:
        try:
            doing()
        except DesignRefusedError as refused:
            findings.extend(refused.findings)
            raise
        return True

    if act(request, done, SAID[what], form=form):
        return redirect("designs") if what == "discard" else redirect("design", version.uuid)
    version.refresh_from_db()
    return editor(request, version, form, refused=findings)


def editor(
    request: StaffRequest,
    version: DesignVersion,
    form: Form,
    *,
    refused: list[Any] | None = None,
) -> HttpResponse:
    """Show the editor; `refused` are the findings that kept the draft from being proposed."""
    layout = _typed_layout(request, version) if form.wrong else read(version.content)
    drawn = Design(version.uuid, version.name, layout, pictures(layout.pictures))
    findings = refused or at_once(look_of(drawn, version.programme, sample=False))
    sides = shown(layout, findings, form.wrong)
    shown_beside = {field.name for side in sides for part in side.parts for field in part.fields}
    for field, told in list(form.wrong.items()):
        if field and field not in shown_beside:  # no such field is shown: tell it at the head
            form.wrong.setdefault("", told)
    facts = {
        "title": f"Draf {version.name}",
        "crumbs": [("/kartu/", "Kartu"), ("/kartu/desain/", "Rancangan kartu")],
        "form": form,
        "version": version,
        "sides": sides,
        "findings": findings,
        "side_words": SIDE_WORDS,
        "in_use": current(version.programme),
        "sample_card": chosen_card(request),
        "pictures": DesignPicture.objects.order_by("-kept_at").values_list("sha256", "form"),
        "may_undo": version.steps.filter(step=version.step - 1).exists(),
        "may_redo": version.steps.filter(step=version.step + 1).exists(),
    }
    return render(request, "cards/design_editor.html", facts, status=422 if form.wrong else 200)


@never_cache
@require_POST
@rule("design.edit")
def preview(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Draw what is typed, without keeping it: both sides as pictures, and what was found."""
    version = get_object_or_404(DesignVersion, uuid=uuid, state="draft")
    try:
        layout = read(told_from(request.POST, read(version.content)))
    except RefusedError as refused:
        told = {"field": refused.field, "sentence": refused.told, "do": refused.advice}
        return JsonResponse({"code": refused.code, **told}, status=refused.status)
    drawn = Design(version.uuid, version.name, layout, pictures(layout.pictures))
    look = look_of(drawn, version.programme, sample=True)
    front, back = rendered(look, [chosen_face(request)])[0]
    return JsonResponse({
        "front": base64.b64encode(png(front)).decode(),
        "back": base64.b64encode(png(back)).decode(),
        "boxes": {
            f"{side}.{part.id}": part.box for side, of in layout.sides for part in of.parts
        },
        "findings": [
            {"part": f"{each.side}.{each.part}", "told": f"{each.sentence} {each.do}"}
            for each in at_once(look)
        ],
    })  # fmt: skip


@require_POST
@rule("design.edit")
def trial(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Give one A4 page with both sides in their true size, marked CONTOH."""
    drawn = load(uuid)
    version = DesignVersion.objects.filter(uuid=uuid).first()
    look = look_of(drawn, version.programme if version else None, sample=True)
    answer = HttpResponse(
        trial_page(look, chosen_face(request), actor=request.user.actor, at=timezone.now()),
        content_type="application/pdf",
    )
    answer["Content-Disposition"] = f'attachment; filename="uji-{drawn.name}.pdf"'
    return answer


def _doing(
    request: StaffRequest, version: DesignVersion, form: Form, target: str
) -> dict[str, Callable[[], object]]:
    """Give what each button does; `target` says to which part or side."""
    actor, at = request.user.actor, timezone.now()

    def kept(change: Callable[[dict[str, Any]], dict[str, Any]] = lambda told: told) -> object:
        told = told_from(request.POST, read(version.content))
        return save(version, change(told), actor=actor, at=at)

    side, _, name = target.partition(".")
    side = side if side in SIDE_WORDS else "front"

    def logo() -> object:
        file = request.FILES.get(f"file.{target}")
        if file is None:
            raise LogoRefusedError(field=f"{target}.picture", wrong="berkas belum dipilih")
        try:
            picture = keep_logo(file.read(), actor=actor, at=at)
        except LogoRefusedError as refused:
            refused.field = f"{target}.picture"
            raise

        def shows(told: dict[str, Any]) -> dict[str, Any]:
            for part in told[side]["parts"]:
                if part["id"] == name and part["kind"] == "logo":
                    part["picture"] = picture.sha256
            return told

        return kept(shows)

    def sampled() -> object:
        choose(request, form.get("card"))
        return kept()

    return {
        "save": kept,
        "undo": lambda: undo(version),
        "redo": lambda: undo(version, back=False),
        "add": lambda: kept(lambda told: with_part(told, side, form.get(f"add.{side}"))),
        "remove": lambda: kept(lambda told: without_part(told, side, name)),
        "logo": logo,
        "sample": sampled,
        "propose": lambda: propose(version, actor=actor, at=at),
        "discard": lambda: discard(version, actor=actor, at=at),
    }


def _kept_first(request: StaffRequest, version: DesignVersion, form: Form) -> bool:
    """Keep what was typed before it is proposed: a refusal must not lose it."""
    try:
        with transaction.atomic():
            told = told_from(request.POST, read(version.content))
            save(version, told, actor=request.user.actor, at=timezone.now())
    except RefusedError as refusal:
        form.refuse(refusal)
        return False
    return True


def _typed_layout(request: StaffRequest, version: DesignVersion) -> Layout:
    """Give the layout as typed where it can be read, else the last that was kept."""
    try:
        return read(told_from(request.POST, read(version.content)))
    except RefusedError:
        return read(version.content)

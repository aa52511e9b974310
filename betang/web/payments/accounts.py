"""Bank accounts: asked for by a file, brought back by one, accepted by another, names compared."""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from betang.accounts.access import may
from betang.accounts.models import User
from betang.core.errors import FieldsError
from betang.errands.ask import latest
from betang.errands.models import Errand
from betang.payments.account_files import accept_accounts, reject_accounts, stage_accounts
from betang.payments.accounts import SENTENCES, without_account
from betang.payments.ask import ACCOUNTS, ask_checking, request_accounts
from betang.payments.check import to_check
from betang.payments.models import AccountFile, BankAccount
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act
from betang.web.shell.errands import part, shown
from betang.web.shell.people import who

#: Refused rows shown on the page of a file; the bank mends them by the line.
REFUSED_SHOWN = 200
#: The route that answers how far the comparing of names is.
PROGRESS = "account_progress"


class NoAccountFileError(FieldsError):
    """The form came without a file."""

    code = "accounts.no_file"
    sentence = "Belum ada berkas yang dipilih."
    do = "Pilih berkas CSV dari bank, lalu unggah."


@rule("disbursement.see")
def accounts(request: StaffRequest) -> HttpResponse:
    """Show how many families have an account that fits, the files, and what comes next."""
    return _page(request, Form(request))


@require_POST
@rule("disbursement.send")
def request_file(request: StaffRequest) -> HttpResponse:
    """Give the file that asks the bank for accounts; that it was taken is recorded."""
    with transaction.atomic():
        content = request_accounts(actor=request.user.actor, at=timezone.now())
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    name = f"{'CONTOH-' if settings.DEMO else ''}permintaan-rekening.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@rule("disbursement.send")
def upload(request: StaffRequest) -> HttpResponse:
    """Bring the bank's answer; another person accepts it."""
    form = Form(request)

    def doing() -> AccountFile:
        file = request.FILES.get("file")
        if file is None:
            raise NoAccountFileError(field="file")
        return stage_accounts(file.read(), actor=request.user.actor, at=timezone.now())

    staged = act(request, doing, "Berkas dibaca. Orang kedua menerimanya.", form=form)
    return redirect("account_file", staged.uuid) if staged else _page(request, form)


@rule("disbursement.see")
def account_file(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show what accepting a file would do, or did, and which rows were refused."""
    file = get_object_or_404(AccountFile, uuid=uuid)
    refused = file.report["refused"][:REFUSED_SHOWN]
    facts = {
        "title": f"Berkas rekening {file}",
        "crumbs": [
            ("/penyaluran/", "Penyaluran ke rekening"),
            ("/penyaluran/rekening/", "Rekening"),
        ],
        "file": file,
        "refused": [(one["line"], SENTENCES[one["code"]]) for one in refused],
        "bringer": who(file.staged_by_person),
        "decider": who(file.decided_by_person),
        "own": request.user.person == file.staged_by_person,
        "may_decide": may(request.user, "disbursement.send"),
    }
    return render(request, "payments/account_file.html", facts)


@require_POST
@rule("disbursement.send")
def accept(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Take over the accounts of a file, as the second person."""
    file = get_object_or_404(AccountFile, uuid=uuid)
    act(
        request,
        lambda: accept_accounts(file, actor=request.user.actor, at=timezone.now()),
        "Berkas diterima. Sekarang nama pemiliknya dapat diperiksa.",
    )
    return redirect("account_file", uuid)


@require_POST
@rule("disbursement.send")
def reject(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Turn a file down, as the second person."""
    file = get_object_or_404(AccountFile, uuid=uuid)
    act(
        request,
        lambda: reject_accounts(file, actor=request.user.actor, at=timezone.now()),
        "Berkas ditolak; tidak ada rekening yang berubah.",
    )
    return redirect("account_file", uuid)


@require_POST
@rule("disbursement.send")
def check(request: StaffRequest) -> HttpResponse:
    """Ask for the holders' names to be compared with ours."""
    form = Form(request)
    again = form.get("again") == "yes"

    def doing() -> Errand:
        return ask_checking(again=again, actor=request.user.actor, at=timezone.now())

    if act(request, doing, "Pemeriksaan nama diminta.", form=form):
        return redirect("accounts")
    return _page(request, form)


@rule("disbursement.see")
def progress(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Answer how far the comparing of names is."""
    errand = get_object_or_404(Errand, uuid=uuid, kind=Errand.Kind.CHECK)
    return part(request, shown(errand, PROGRESS))


def _page(request: StaffRequest, form: Form) -> HttpResponse:
    counted = BankAccount.objects.values("state").annotate(count=Count("id"))
    by_state = {row["state"]: row["count"] for row in counted}
    errand = latest(Errand.Kind.CHECK, ACCOUNTS)
    told = shown(errand, PROGRESS) if errand else None
    facts = {
        "title": "Rekening keluarga",
        "lead": "Uang hanya dikirim ke rekening yang nama pemiliknya cocok menurut bank.",
        "crumbs": [("/penyaluran/", "Penyaluran ke rekening")],
        "form": form,
        "without": without_account(),
        "by_state": by_state,
        "to_check": to_check(),
        "failed": by_state.get("failed", 0),
        "errand": told,
        "shown": told,
        "files": AccountFile.objects.order_by("-staged_at")[:50],
        "people": {user.person: user.full_name for user in User.objects.all()},
        "may_act": may(request.user, "disbursement.send"),
        "has_bank": bool(settings.BANK_URL and settings.BANK_KEYS),
    }
    return render(request, "payments/accounts.html", facts, status=422 if form.wrong else 200)

"""The courier's page: whoever reaches a network uploads a phone's file and gets its receipt."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from betang.accounts import attempts
from betang.core.errors import RefusedError
from betang.core.event.courier import EXPORT_BYTES_MAX
from betang.core.event.courier_photos import is_photos
from betang.sync.courier import NoExportError, Taken, ours, take_export
from betang.sync.courier_photos import PhotosTaken, take_photos
from betang.web.guard import public
from betang.web.shell.asked import Form

#: A village office uploads for each of its companions; a file is at most a hundred batches.
PER_ADDRESS = attempts.Limit("courier files from an address", 60, 3_600)
WHY = "events are signed by their device; what comes back is signed and names no family"


class TooManyFilesError(RefusedError):
    """Too many files came from this address."""

    code = "courier.too_often"
    sentence = "Terlalu banyak berkas dari jaringan ini dalam satu jam terakhir."
    do = "Simpan berkasnya, tunggu satu jam, lalu unggah lagi."
    status = 429


class NothingChosenError(NoExportError):
    """The form came without a file."""

    code = "courier.no_file"
    sentence = "Belum ada berkas yang dipilih."
    do = "Pilih berkas kiriman dari petugas; namanya diawali kiriman- atau foto-."


@never_cache
@public(WHY)
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file of records or of photos and offer the acknowledgement."""
    form, taken = Form(request), None
    if request.method == "POST":
        try:
            taken = _take(_file(request))
        except RefusedError as refusal:
            refusal.field = "file"
            form.refuse(refusal)
    facts = {
        "title": "Kiriman petugas",
        "form": form,
        "taken": taken,
        "receipt": taken.acknowledgement.decode() if taken else "",
    }
    return render(request, "sync/courier.html", facts, status=422 if form.wrong else 200)


@never_cache
@require_POST
@public(WHY)
def acknowledgement(request: HttpRequest) -> HttpResponse:
    """Give the acknowledgement as a file: only what we signed, whatever the form holds."""
    text = request.POST.get("receipt", "")
    told = ours(text.encode())
    answer = HttpResponse(text, content_type="application/octet-stream")
    name = f"tanda-terima-{told.dev}-{told.at:%Y-%m-%d}.betang"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _take(data: bytes) -> Taken | PhotosTaken:
    take = take_photos if is_photos(data) else take_export
    return take(data, at=timezone.now())


def _file(request: HttpRequest) -> bytes:
    """Count the attempt and read the file, never more of it than an export can have."""
    now = timezone.now()
    if attempts.count((PER_ADDRESS, attempts.address_of(request)), at=now):
        raise TooManyFilesError
    given = request.FILES.get("file")
    if given is None:
        raise NothingChosenError
    data: bytes = given.read(EXPORT_BYTES_MAX + 1)
    return data

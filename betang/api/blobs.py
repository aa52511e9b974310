"""Sealed photos, in parts."""

import re
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from betang.accounts.admit import Holder
from betang.accounts.models import DeviceState
from betang.api.answer import device_view, raw, refused
from betang.sync import blobs
from betang.sync.bundle import require_active

_NAME = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"[0-9]{1,10}")


@device_view("HEAD", "PATCH")
def blob(request: HttpRequest, holder: Holder, at: datetime, name: str) -> HttpResponse:
    """Say how far a blob has come, or take its next part."""
    if holder.state == DeviceState.PENDING:  # we know only that somebody held a code
        require_active(holder)
    if not _NAME.fullmatch(name):
        raise blobs.BlobUnknownError
    key = bytes.fromhex(name)
    if request.method == "HEAD":
        return _headers(HttpResponse(), blobs.progress(holder.id, key))
    part = raw(request)
    blobs.allow(holder.uuid, len(part), at=at)
    try:
        with transaction.atomic():
            progress = blobs.append(
                holder.id,
                key,
                part,
                offset=_header(request, "Upload-Offset"),
                length=_header(request, "Upload-Length"),
                key=request.headers.get("Blob-Key"),
                at=at,
            )
    except blobs.BlobOffsetError as refusal:
        answer = refused(refusal)
        answer["Upload-Offset"] = str(refusal.offset)
        return answer
    if progress.spoilt:
        raise blobs.BlobHashError
    return _headers(HttpResponse(status=204), progress)


def _header(request: HttpRequest, name: str) -> int:
    text = request.headers.get(name, "")
    if not _NUMBER.fullmatch(text):
        raise blobs.BlobHeadersError(field=name)
    return int(text)


def _headers(answer: HttpResponse, progress: blobs.Progress) -> HttpResponse:
    answer["Upload-Offset"] = str(progress.offset)
    answer["Upload-Length"] = str(progress.length)
    answer["Upload-Complete"] = "?1" if progress.complete else "?0"
    return answer

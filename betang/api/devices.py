"""Ping, enrolment, where a device stands, the bundle."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from betang.accounts import attempts, devices
from betang.accounts.admit import Holder, spend
from betang.accounts.models import Device
from betang.api.answer import device_view, json_object, open_view, proved, told
from betang.core.clock import to_wire
from betang.core.crypto.keyring import Purpose
from betang.core.device.report import COUNT_MAX, KINDS
from betang.core.device.words import six_words
from betang.core.errors import FieldsError, RefusedError
from betang.keys import ring
from betang.sync import bundle as bundles
from betang.sync.ingest import place_of

CODE_LENGTH_MAX = 64
#: Wrong codes from one address; a good one is not counted, however many phones a training enrols.
WRONG_CODES_OF_ADDRESS = attempts.Limit("enrolment codes from an address", 30, 600)
#: A version (nine characters a section), a hash, the names of sections; longer is not ours.
SINCE_LENGTH_MAX = 256
#: Of a list's number: a list a second, for three hundred years.
SEQ_DIGITS = 10


class EnrolmentFieldsError(FieldsError):
    """A member of the enrolment is missing or of the wrong type."""

    code = "enrolment.fields"
    sentence = "Keterangan pendaftaran gawai belum lengkap."
    do = "Pindai ulang kode dari administrator."


class EnrolmentTooOftenError(RefusedError):
    """Too many wrong codes came from this address."""

    code = "enrolment.too_often"
    sentence = "Terlalu banyak kode pendaftaran yang salah dari jaringan ini."
    do = "Tunggu sepuluh menit, lalu mintalah kode baru kepada administrator."
    status = 429


@open_view("GET", "HEAD")
def ping(request: HttpRequest) -> HttpResponse:
    """Answer the literal by which a device knows that it is online."""
    return told({"betang": "pong", "v": 1, "at": to_wire(timezone.now())})


@open_view("POST")
def enrol(request: HttpRequest) -> HttpResponse:
    """Register the key that the proof shows."""
    at = timezone.now()
    shown = proved(request)
    given = json_object(request)
    code, version, nfc = given.get("code"), given.get("app_version", ""), given.get("has_nfc")
    if not isinstance(code, str) or not code.isascii() or len(code) > CODE_LENGTH_MAX:
        raise EnrolmentFieldsError(field="code")
    if not isinstance(version, str) or "\0" in version:
        raise EnrolmentFieldsError(field="app_version")
    if not isinstance(nfc, bool):
        raise EnrolmentFieldsError(field="has_nfc")
    kind = given.get("kind") or KINDS[0]
    if kind not in KINDS:
        raise EnrolmentFieldsError(field="kind")
    guess = (WRONG_CODES_OF_ADDRESS, attempts.address_of(request))
    if attempts.count(guess, at=at):
        raise EnrolmentTooOftenError
    with transaction.atomic():
        spend(shown, at=at)
        device, new = devices.enrol(
            code, jwk=shown.jwk, app_version=version, has_nfc=nfc, kind=kind, at=at
        )
    attempts.give_back(guess)
    answer = {
        "device": {
            "uuid": device.uuid,
            "short_id": device.short_id,
            "state": device.state,
            "has_nfc": device.has_nfc,
        },
        "owner_name": device.owner.full_name,
        "words": devices.words_of(device),
        "ring": ring.signed_ring(at=at, by=Purpose.ENROLMENT),
    }
    return told(answer, status=201 if new else 200)


@device_view("GET")
def stands(request: HttpRequest, holder: Holder, at: datetime) -> HttpResponse:
    """Say where the device stands."""
    seq, sha256 = place_of(holder.id)
    answer: dict[str, Any] = {
        "device": {
            "uuid": holder.uuid,
            "short_id": holder.short_id,
            "state": holder.state,
            "has_nfc": holder.has_nfc,
        },
        "wipe": holder.to_wipe,
        "owner_name": holder.owner_name,
        "words": six_words(holder.thumbprint),
        "applied_seq": seq,
        "expected_seq": seq + 1,
        "applied_sha256": sha256.hex(),
    }
    return told(answer)


@device_view("POST", revoked=True)
def wiped(request: HttpRequest, holder: Holder, at: datetime) -> HttpResponse:
    """Note that the device destroyed the families' data as it was ordered to."""
    unsent = json_object(request).get("unsent")
    if not isinstance(unsent, int) or isinstance(unsent, bool) or not 0 <= unsent <= COUNT_MAX:
        unsent = None
    with transaction.atomic():
        device = Device.objects.select_related("owner").get(pk=holder.id)
        news = devices.acknowledge_wipe(device, unsent=unsent, at=at)
    return told({"wiped": device.wipe_ordered_at is not None, "news": news})


@device_view("GET")
def bundle(request: HttpRequest, holder: Holder, at: datetime) -> HttpResponse:
    """Give the device what it may know."""
    said = {
        name: request.GET.get(name, "")[:SINCE_LENGTH_MAX]
        for name in ("since", "keep", "list", "ring", "numbers")
    }
    seq = said["list"]
    held = bundles.Held(
        version=said["since"] or None,
        keeps=frozenset(said["keep"].split(",")),
        list_seq=int(seq) if seq.isascii() and seq.isdigit() and len(seq) <= SEQ_DIGITS else None,
        ring=said["ring"] or None,
        numbers=said["numbers"] or None,
    )
    with transaction.atomic():
        return told(bundles.bundle(holder, held=held, at=at))

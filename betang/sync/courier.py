"""Take a phone's records from a file that somebody else carried (docs/protocols/courier.md).

No proof of the device is asked: each event is signed by it, and the same file twice changes
nothing. What the courier gets back is signed, and names no family.
"""

from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

import orjson

from betang.accounts.admit import Holder
from betang.accounts.models import Device
from betang.core import jose
from betang.core.crypto.keyring import KeyState, Purpose
from betang.core.crypto.sealing import NotSealedToUsError
from betang.core.crypto.signing import load_public_key
from betang.core.errors import FieldsError, MalformedError, NotFoundError
from betang.core.event import courier
from betang.core.identifiers import new_uuid
from betang.journal.record import record
from betang.keys import ring, seal_key, signer
from betang.sync.arrive import read_batch
from betang.sync.ingest import ingest
from betang.sync.supervise import holder_of


class NoExportError(FieldsError):
    """The file is no export of the field app, or was altered or cut on its way."""

    code = "courier.no_export"
    sentence = "Berkas ini bukan berkas kiriman dari aplikasi lapangan, atau rusak di perjalanan."
    do = "Minta petugas menyimpan berkas kiriman sekali lagi dari HP-nya."


class ExportTooLargeError(MalformedError):
    """The file is larger than an export can be."""

    code = "courier.too_large"
    sentence = "Berkas ini lebih dari {most} MB."
    do = "Periksa apakah berkas yang dipilih benar. Kiriman petugas terbagi dalam beberapa berkas."
    status = 413


class ExportNotForUsError(FieldsError):
    """The file was sealed to another installation, or to a key that is not here any more."""

    code = "courier.other_server"
    sentence = "Berkas ini disegel untuk server lain."
    do = "Unggah berkas ini pada alamat yang tertulis di HP petugas."


class NoSuchDeviceError(NotFoundError):
    """No device of ours made this file."""

    code = "courier.unknown_device"
    sentence = "Gawai pembuat berkas ini tidak terdaftar di sini."
    do = "Hubungi kantor Dinas Sosial; simpan berkasnya."


class Taken(NamedTuple):
    """What became of an export file: the signed acknowledgement, and what it says in numbers."""

    acknowledgement: bytes
    dev: str
    events: int
    new: int
    waiting: int
    refused: int


def take_export(data: bytes, *, at: datetime) -> Taken:
    """Take every event of an export file and give the signed acknowledgement.

    Opens its own transactions, one a batch. Raises `ExportTooLargeError`, `NoExportError`,
    `ExportNotForUsError`, `NoSuchDeviceError`, or what `read_batch` raises of a body: then nothing
    was taken.
    """
    export = _opened(data)
    device = device_named(export.dev)
    key = jose.key_of(device.public_jwk)
    batches = [read_batch(orjson.dumps(body), dev=export.dev, key=key) for body in export.bodies]
    holder: Holder = holder_of(device)
    reports = [ingest(batch, holder=holder, at=at) for batch in batches]
    answers = [answer for report in reports for answer in report.answers]
    counted = {name: sum(a["answer"] == name for a in answers) for name in courier.ANSWERS}
    told = courier.Acknowledgement(
        export.dev,
        at,
        courier.digest_of(data),
        reports[-1].seq,
        [
            (a["seq"], bytes.fromhex(a["sha256"]), a["answer"], a.get("code"))
            for a in answers
            if a["seq"] is not None
        ],
    )
    written = signed(told)
    facts = {"device": export.dev, "events": len(answers), "new": counted["stored"]}
    record("courier.taken", new_uuid(), actor=holder.actor, at=at, area=None, **facts)
    return Taken(
        written,
        export.dev,
        len(answers),
        counted["stored"],
        counted["held"],
        counted["refused"] + counted["fork"],
    )


def device_named(short_id: str) -> Device:
    """Give the device that a file says it is of; raises `NoSuchDeviceError`."""
    device = Device.objects.select_related("owner").filter(short_id=short_id).first()
    if device is None:
        raise NoSuchDeviceError
    return device


def signed(told: courier.Acknowledgement) -> bytes:
    """Write an acknowledgement as the file that goes back to the phone."""
    kid, _ = signer.current(Purpose.ACKNOWLEDGEMENT)
    return courier.write_acknowledgement(
        told, kid, lambda message: signer.sign(Purpose.ACKNOWLEDGEMENT, message)
    )


def require_size(data: bytes) -> None:
    """Refuse what is larger than any file of a phone; raises `ExportTooLargeError`."""
    if len(data) > courier.EXPORT_BYTES_MAX:
        raise ExportTooLargeError(field="file", most=courier.EXPORT_BYTES_MAX // 2**20)


def ours(data: bytes) -> courier.Acknowledgement:
    """Read an acknowledgement that one of our keys signed; raises `NoExportError` for any other.

    A revoked key's is any other: a thief may have written it.
    """
    for key in ring.public_ring():
        if key.purpose is not Purpose.ACKNOWLEDGEMENT or key.state is KeyState.REVOKED:
            continue
        with suppress(courier.NotAnAcknowledgementError):
            return courier.read_acknowledgement(data, load_public_key(key.public))
    raise NoExportError


def _opened(data: bytes) -> courier.Export:
    require_size(data)
    try:
        sealed = courier.read_envelope(data)
        return courier.read_content(seal_key.unwrap(sealed, context=courier.CONTEXT))
    except NotSealedToUsError:
        raise ExportNotForUsError(field="file") from None
    except courier.NotAnExportError:
        raise NoExportError(field="file") from None

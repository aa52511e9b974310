"""What happened to a device, from the journal, in words."""

from typing import Any

from betang.accounts.models import Device, User
from betang.journal.models import Entry

#: Lines shown, the newest first: a device has a few a month.
LINES = 40

TOLD = {
    "device.enrolled": "Gawai menunjukkan kuncinya dan menunggu pencocokan kata",
    "device.confirmed": "Enam kata dicocokkan, gawai disahkan",
    "device.assigned": "Wilayahnya diubah",
    "device.suspended": "Ditangguhkan",
    "device.reinstated": "Diaktifkan kembali",
    "device.revoked": "Dicabut selamanya",
    "device.frozen": "Dibekukan: rantai catatannya bercabang",
    "device.nfc_changed": "Mengaku lain soal NFC daripada saat didaftarkan",
    "device.wipe_ordered": "Data keluarganya diminta dihapus",
    "device.wiped": "Gawai menjawab: data keluarga sudah dihapus",
    "gap.closed": "Catatan yang hilang dinyatakan tidak akan datang",
    "event.released": "Catatan yang menunggu diproses",
    "event.refused": "Catatan yang menunggu diputus tidak berlaku",
    "branch.released": "Cabang kedua rantainya diproses",
    "branch.reversed": "Penyerahan cabang pertama dibatalkan",
    "cards.taken_back": "Kartu yang dititipkan dikembalikan",
}


def history_of(device: Device) -> list[tuple[Entry, str, str]]:
    """Give what happened to a device and who did it, the newest first."""
    entries = Entry.objects.filter(subject=device.uuid, kind__in=TOLD).order_by("-id")[:LINES]
    actors: Any = {entry.actor_uuid for entry in entries}
    people = dict(User.objects.filter(uuid__in=actors).values_list("uuid", "full_name"))
    return [(entry, TOLD[entry.kind], people.get(entry.actor_uuid, "")) for entry in entries]

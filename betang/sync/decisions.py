"""Decisions: what the office says of each event, in a sentence a companion can repeat."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from betang.core.clock import to_wire
from betang.journal.prepared import fetch
from betang.sync.models import FieldEventFork

#: Code -> outcome, sentence, what to do (docs/protocols/event.md, section 5).
TEXTS: dict[str, tuple[str, str, str]] = {
    "ok": ("accepted", "Diterima.", ""),
    "event.malformed": (
        "refused",
        "Catatan ini tidak dapat dibaca ({member}).",
        "Perbarui aplikasi, lalu catat kembali kejadiannya.",
    ),
    "event.unknown_kind": (
        "refused",
        "Jenis catatan ini belum dikenal server.",
        "Tunggu pembaruan server; catatan tetap tersimpan.",
    ),
    "event.parked": (
        "parked",
        "Catatan ini disimpan dan akan diproses ulang oleh server.",
        "Tidak ada yang perlu dilakukan.",
    ),
    "event.forked": (
        "waiting",
        "Ada dua catatan berbeda pada urutan yang sama: gawai ini tersalin atau dipulihkan.",
        "Hentikan pelayanan dengan gawai ini dan hubungi penyelia.",
    ),
    "device.frozen": (
        "waiting",
        "Gawai ini dibekukan; catatan menunggu keputusan penyelia.",
        "Hubungi penyelia.",
    ),
    "device.revoked": (
        "waiting",
        "Gawai ini sudah dicabut; catatan menunggu keputusan penyelia.",
        "Serahkan gawai ini kepada penyelia.",
    ),
    "device.suspended": (
        "waiting",
        "Gawai ini ditangguhkan; catatan menunggu keputusan penyelia.",
        "Hubungi penyelia.",
    ),
    "device.not_confirmed": (
        "waiting",
        "Gawai ini belum dicocokkan; catatan menunggu keputusan penyelia.",
        "Bacakan enam kata gawai ini kepada administrator.",
    ),
    "claim.unknown_right": (
        "refused",
        "Bantuan yang dicatat tidak ada atau tidak disalurkan langsung.",
        "Periksa kembali keluarga dan jenis bantuannya.",
    ),
    "claim.already_delivered": (
        "contested",
        "Bantuan ini sudah diambil{when}{where}.",
        "Simpan bukti penyerahan; penyelia akan memeriksa kedua catatan.",
    ),
    "claim.not_leased": (
        "contested",
        "Bantuan ini tidak (lagi) ditugaskan ke gawai ini.",
        "Simpan bukti penyerahan; penyelia akan memeriksanya.",
    ),
    "claim.after_lease": (
        "waiting",
        "Penyerahan ini dicatat setelah penugasan berakhir; menunggu keputusan penyelia.",
        "Ambil penugasan baru sebelum melayani lagi.",
    ),
    "claim.card_refused": (
        "contested",
        "Kartu yang ditunjukkan tidak sah untuk keluarga ini ({reason}).",
        "Tahan kartunya bila mungkin, dan laporkan kepada penyelia.",
    ),
    "claim.cycle_closed": (
        "contested",
        "Tahap penyaluran bantuan ini sudah ditutup.",
        "Simpan bukti penyerahan; penyelia akan memeriksanya.",
    ),
    "claim.counted": ("accepted", "Setelah diperiksa dua orang, penyerahan ini dihitung.", ""),
    "claim.dismissed": (
        "refused",
        "Setelah diperiksa, penyerahan ini tidak dihitung.",
        "Temui penyelia untuk mempertanggungjawabkan barangnya.",
    ),
    "claim.reversed": (
        "refused",
        "Penyerahan ini semula dihitung, lalu dibatalkan oleh dua orang.",
        "Temui penyelia untuk mempertanggungjawabkan barangnya.",
    ),
    "event.refused": (
        "refused",
        "Catatan ini diputus tidak berlaku oleh dua orang.",
        "Temui penyelia bila Anda mengenal catatan ini.",
    ),
    "card.unknown": (
        "refused",
        "Kartu dengan nomor itu tidak ada.",
        "Periksa kembali nomor kartunya.",
    ),
    "card.not_waiting": (
        "refused",
        "Kartu ini tidak sedang menunggu diserahkan.",
        "Muat ulang data; kartu mungkin sudah diserahkan atau diblokir.",
    ),
    "card.not_in_custody": (
        "refused",
        "Kartu ini tidak dititipkan pada gawai ini.",
        "Kembalikan kartu ke petugas yang memegang titipannya.",
    ),
    "card.refused": (
        "refused",
        "Kartu yang ditunjukkan bukan kartu itu, atau salinan ({reason}).",
        "Tahan kartunya bila mungkin, dan laporkan kepada penyelia.",
    ),
    "parcel.unknown": (
        "refused",
        "Kiriman kartu itu bukan untuk gawai ini.",
        "Muat ulang data, lalu hitung kiriman yang tercatat untuk HP ini.",
    ),
    "parcel.counted_before": (
        "refused",
        "Kiriman kartu ini sudah dihitung, atau sudah ditarik kembali oleh kantor.",
        "Muat ulang data. Bila jumlahnya berbeda, hubungi penyelia.",
    ),
    "parcel.differs": (
        "refused",
        "Hitungan kiriman kartu ini tidak cocok dengan nomor yang disebut kurang atau lebih.",
        "Hitung sekali lagi bersama penyelia, lalu catat lagi.",
    ),
    "household.unknown": (
        "refused",
        "Keluarga itu tidak ada dalam wilayah gawai ini.",
        "Periksa kembali keluarganya.",
    ),
    "household.proposed": (
        "waiting",
        "Pendaftaran keluarga ini sampai di kantor dan menunggu diperiksa.",
        "Tidak ada yang perlu dilakukan; kabarnya datang ke HP ini.",
    ),
    "household.proposed_foreign": (
        "waiting",
        "Pendaftaran ini sampai di kantor, tetapi nomornya bukan dari persediaan HP ini.",
        "Kantor akan memeriksanya; perbarui data HP ini sebelum mendaftarkan keluarga lain.",
    ),
    "household.proposed_again": (
        "waiting",
        "Pendaftaran ini sampai di kantor, tetapi nomornya sudah dipakai untuk keluarga lain.",
        "Kantor akan memeriksanya; perbarui data HP ini sebelum mendaftarkan keluarga lain.",
    ),
    "household.accepted": (
        "accepted",
        "Keluarga ini masuk daftar dengan nomor keluarga {household}.",
        "Kartu dan bantuan hanya menyusul keputusan; jangan janjikan waktunya.",
    ),
    "household.known": (
        "accepted",
        "Keluarga ini ternyata sudah terdaftar dengan nomor keluarga {household}.",
        "Pakai nomor itu; nomor sementara tidak berlaku lagi.",
    ),
    "household.refused": (
        "refused",
        "Pendaftaran keluarga ini tidak diterima: {reason}.",
        "Sampaikan kepada keluarga; bila keliru, hubungi kantor dengan nomor sementaranya.",
    ),
    "lease.unknown": (
        "refused",
        "Penugasan itu tidak ada atau sudah berakhir.",
        "Muat ulang data penugasan.",
    ),
    "transfer.forged": (
        "refused",
        "Serah terima ini tidak ditandatangani HP yang disebut sebagai pemberinya.",
        "Simpan bukti penyerahan, dan laporkan kepada penyelia dari HP siapa kode itu dipindai.",
    ),
    "transfer.not_yours": (
        "refused",
        "Serah terima ini ditujukan kepada HP lain.",
        "Berhenti melayani keluarga itu; minta pemberi menyerahkannya kepada HP ini.",
    ),
    "transfer.unknown_receiver": (
        "refused",
        "HP penerima serah terima ini tidak terdaftar.",
        "Laporkan kepada penyelia; penugasan itu hanya dapat dibebaskan kantor.",
    ),
    "transfer.nothing": (
        "refused",
        "Tidak satu pun bantuan ini dapat berpindah: sudah diserahkan, atau dialihkan kantor.",
        "Berhenti melayani keluarga itu; penyerahan yang sudah terjadi diperiksa penyelia.",
    ),
    "transfer.partly": (
        "accepted",
        "Serah terima tercatat untuk {reason} bantuan; sisanya sudah tidak dipegang HP pemberi.",
        "Muat ulang data penugasan sebelum melayani lagi.",
    ),
    "transfer.revoked": (
        "accepted",
        "Serah terima tercatat, tetapi kantor sudah menarik penugasan itu.",
        "Berhenti melayani keluarga itu; penyerahan sebelum kabar ini tetap diperhitungkan.",
    ),
    "transfer.giver_stopped": (
        "waiting",
        "HP pemberi sudah dicabut atau dihentikan; serah terima menunggu keputusan penyelia.",
        "Berhenti melayani keluarga itu sampai penyelia memutuskan.",
    ),
    "stock.unknown": (
        "refused",
        "Desa atau tahap pada catatan stok tidak dikenal.",
        "Periksa kembali desa dan tahapnya.",
    ),
    "day.unknown": (
        "refused",
        "Hari penyaluran itu tidak ada dalam wilayah gawai ini.",
        "Muat ulang data; bila harinya memang berlangsung, laporkan kepada penyelia.",
    ),
    "gap.closed": (
        "accepted",
        "Catatan yang hilang dinyatakan tidak akan datang.",
        "",
    ),
}

#: One statement for both, so that the chain never moves without its decisions.
SETTLE = """
WITH decided AS (
    INSERT INTO sync_decision (device_id, seq, event_sha256, event, code, outcome, sentence, at)
    SELECT %s, t.seq, decode(t.sha256, 'hex'), t.event, t.code, t.outcome, t.sentence, %s
    FROM json_to_recordset(%s::json) AS t(seq bigint, sha256 text, event uuid, code text,
                                          outcome text, sentence text, n int)
    ORDER BY t.n
    RETURNING id
), moved AS (
    UPDATE sync_devicecursor
    SET applied_seq = %s, applied_sha256 = %s, held_count = held_count + %s,
        frozen_at = coalesce(frozen_at, %s::timestamptz),
        frozen_reason = coalesce(frozen_reason, %s::varchar),
        first_fork_seq = coalesce(first_fork_seq, %s::bigint)
    WHERE device_id = %s
    RETURNING held_count
)
SELECT (SELECT max(id) FROM decided), (SELECT held_count FROM moved)
"""

AFTER = """
SELECT id, seq, event, event_sha256, outcome, code, sentence, at FROM sync_decision
WHERE device_id = %s AND id > %s ORDER BY id LIMIT %s
"""


class Decided(NamedTuple):
    """One decision about one event."""

    seq: int | None
    sha256: bytes
    event: UUID | None
    code: str
    outcome: str
    sentence: str


def decide(seq: int | None, sha256: bytes, event: UUID | None, code: str, **facts: str) -> Decided:
    """Make the decision `code` with its sentence; `facts` fill the sentence."""
    outcome, sentence, _ = TEXTS[code]
    if "{" in sentence:
        blank = {"member": "", "when": "", "where": "", "reason": "", "household": ""}
        sentence = sentence.format(**(blank | facts))
    return Decided(seq, sha256, event, code, outcome, sentence)


def settle(
    decisions: Sequence[Decided],
    *,
    device: int,
    head: tuple[int, bytes],
    at: datetime,
    held: int = 0,
    fork_seq: int | None = None,
) -> tuple[int | None, int]:
    """Keep the decisions and move the device's place; give the newest number and the held count.

    `held` is by how many the events that wait became more; `fork_seq` freezes the device's place.
    """
    told = [
        {
            "seq": one.seq,
            "sha256": one.sha256.hex(),
            "event": one.event,
            "code": one.code,
            "outcome": one.outcome,
            "sentence": one.sentence,
            "n": n,
        }
        for n, one in enumerate(decisions)
    ]
    frozen = fork_seq is not None
    ((newest, held_count),) = fetch(
        SETTLE,
        device,
        at,
        orjson.dumps(told).decode(),
        head[0],
        head[1],
        held,
        at if frozen else None,
        "fork" if frozen else None,
        fork_seq,
        device,
    )
    return newest, held_count or 0


def has_forks(device: int) -> bool:
    """Say whether a place in the chain of `device` was taken twice."""
    return FieldEventFork.objects.filter(device_id=device).exists()


def read_after(device: int, number: int, limit: int) -> list[dict[str, Any]]:
    """Give the decisions of a device behind `number`, oldest first, as they go on the wire.

    A device's decisions are numbered under the lock of its cursor, so none appears behind the
    reader.
    """
    with connection.cursor() as cursor:
        cursor.execute(AFTER, [device, number, limit])
        return [
            {
                "number": row[0],
                "seq": row[1],
                "event": str(row[2]) if row[2] else None,
                "event_sha256": bytes(row[3]).hex(),
                "outcome": row[4],
                "code": row[5],
                "sentence": row[6],
                "do": TEXTS[row[5]][2] if row[5] in TEXTS else "",
                "at": to_wire(row[7]),
            }
            for row in cursor.fetchall()
        ]


def newest(device: int) -> int:
    """Give the number of the device's newest decision (0: none)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(id), 0) FROM sync_decision WHERE device_id = %s", [device]
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0

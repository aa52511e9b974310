"""The end of the demonstration: every number is counted from the database, none is remembered."""

from typing import Any

from django.db import connection

from betang.core.money import number, rupiah
from betang.ledger.balance import imbalance

#: key -> (what a person reads, the query that counts it). The order is the order of the story.
COUNTS: dict[str, tuple[str, str]] = {
    "families_listed": (
        "Keluarga dalam daftar yang diterima",
        "SELECT count(*) FROM registry_household",
    ),
    "rows_held": (
        "Baris ditahan, dengan alasan",
        "SELECT coalesce(sum(held_rows), 0) FROM intake_batch WHERE kind = 'households'",
    ),
    "families_refused": (
        "Keluarga dinilai tidak memenuhi syarat, dengan alasan",
        "SELECT count(*) FROM eligibility_assessment WHERE decision = 0",
    ),
    "families_undecided": (
        "Keluarga belum dapat diputuskan, dengan alasan",
        "SELECT count(*) FROM eligibility_assessment WHERE decision = -1",
    ),
    "enrolled": (
        "Keluarga ditetapkan dengan SK",
        "SELECT count(*) FROM eligibility_enrolment WHERE until_on IS NULL",
    ),
    "cards_issued": ("Kartu diterbitkan", "SELECT count(*) FROM cards_card"),
    "cards_handed_over": (
        "Kartu diserahkan",
        "SELECT count(*) FROM cards_card WHERE handed_over_at IS NOT NULL",
    ),
    "homes_geotagged": (
        "Rumah atau titik acuan bertitik koordinat dari lapangan",
        "SELECT count(DISTINCT household_id) FROM registry_geotag WHERE device IS NOT NULL",
    ),
    "delivered_online": (
        "Paket diserahkan saat ada sinyal",
        "SELECT count(*) FROM distribution_delivery WHERE counted AND online",
    ),
    "delivered_offline": (
        "Paket diserahkan tanpa sinyal",
        "SELECT count(*) FROM distribution_delivery WHERE counted AND NOT online",
    ),
    "double_attempts_refused": (
        "Pengambilan ganda ditolak",
        "SELECT count(*) FROM journal_entry WHERE kind IN ('delivery.contested', 'claim.refused')",
    ),
    "cards_copied_refused": (
        "Kartu tiruan ditolak",
        "SELECT count(*) FROM journal_entry WHERE kind = 'card.copied'",
    ),
    "devices_frozen": (
        "Gawai kloning dibekukan",
        "SELECT count(*) FROM accounts_device WHERE state = 'frozen'",
    ),
    "paid": (
        "Bantuan tunai terbayar ke rekening",
        "SELECT count(*) FROM payments_disbursement WHERE state = 'paid'",
    ),
    "paid_rupiah": (
        "Jumlah terbayar",
        "SELECT coalesce(sum(amount_rupiah), 0) FROM payments_disbursement WHERE state = 'paid'",
    ),
    "paid_twice": (
        "Terbayar dua kali menurut buku bank",
        "SELECT count(*) - count(DISTINCT reference) FROM payments_statementline",
    ),
    "reconciled": (
        "Cocok dengan riwayat bank",
        "SELECT count(*) FROM payments_disbursement WHERE reconciliation = 'matched'",
    ),
    "cases_opened": ("Perkara dibuka untuk ditelusuri", "SELECT count(*) FROM grievances_case"),
    "alerts": ("Peringatan di papan pantau", "SELECT count(*) FROM monitoring_alert"),
    "journal_entries": ("Catatan jurnal", "SELECT count(*) FROM journal_entry"),
}


def count_all() -> dict[str, Any]:
    """Count every figure of the summary, and ask the ledger whether it balances."""
    with connection.cursor() as cursor:
        figures: dict[str, Any] = {}
        for key, (_, query) in COUNTS.items():
            cursor.execute(query)
            row = cursor.fetchone()
            figures[key] = int(row[0]) if row else 0
    figures["books_balance"] = not imbalance()
    return figures


def lines(figures: dict[str, Any]) -> list[str]:
    """Write the figures for people, a line each."""
    told = [
        f"{text:<58}{rupiah(figures[key]) if key.endswith('_rupiah') else number(figures[key]):>16}"
        for key, (text, _) in COUNTS.items()
    ]
    books = "seimbang" if figures["books_balance"] else "TIDAK SEIMBANG"
    told.append(f"{'Pembukuan':<58}{books:>16}")
    return told

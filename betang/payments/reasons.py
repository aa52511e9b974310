"""Why a payment failed or is in doubt, in words, and what to do about it.

The codes are the bank's (docs/protocols/bank.md, "What an answer means") or our own.
"""

from typing import NamedTuple


class Reason(NamedTuple):
    """What happened, and the next step."""

    sentence: str
    do: str


MEND = (
    "Minta bank atau keluarga membetulkan rekeningnya, periksa nama pemiliknya lagi, lalu siapkan "
    "perintah bayar baru."
)
AGAIN = "Tekan «Tanyakan dan kirim lagi»: bank ditanya dahulu, dan tidak ada yang dibayar dua kali."
#: By HTTP status and case of the bank's code: the service between them does not matter.
REFUSED: dict[str, Reason] = {
    "40305": Reason("Bank menolak transaksi ke rekening ini.", MEND),
    "40309": Reason("Rekening tidak aktif (dormant).", MEND),
    "40318": Reason("Rekening tidak aktif.", MEND),
    "40411": Reason("Rekening tidak dikenal bank.", MEND),
}
STATUS: dict[str, Reason] = {
    "36:04": Reason("Bank mengembalikan uangnya.", MEND),
    "36:05": Reason("Bank membatalkan transaksi.", MEND),
    "36:06": Reason("Bank menyatakan transaksi gagal.", MEND),
}
DOUBTS: dict[str, Reason] = {
    "amount": Reason(
        "Bank mencatat jumlah lain daripada yang diperintahkan.",
        "Jangan kirim ulang. Tanyakan kepada bank, lalu cocokkan dengan rekening koran.",
    ),
    "timeout": Reason("Bank belum menjawab dalam waktu yang ditentukan.", AGAIN),
    "cut": Reason("Sambungan terputus sebelum bank menjawab.", AGAIN),
    "not_reached": Reason("Bank tidak dapat dihubungi.", AGAIN),
    "unreadable": Reason("Jawaban bank tidak dapat dibaca.", AGAIN),
}
NO_FUNDS = Reason(
    "Saldo rekening sumber tidak cukup.",
    "Isi rekening sumber, lalu tekan «Tanyakan dan kirim lagi».",
)


def reason_of(state: str, answer: str) -> Reason:
    """Say why a disbursement in `state` stands where it does, from the last answer."""
    case = answer[:3] + answer[5:]
    if state == "failed":
        known = STATUS.get(answer) or REFUSED.get(case)
        wrong = Reason("Bank menolak isi permintaan.", MEND)
        return known or (wrong if answer[:3] == "400" else Reason("Bank menolak.", MEND))
    if case == "40314":
        return NO_FUNDS
    return DOUBTS.get(answer) or Reason("Bank belum memastikan pembayaran ini.", AGAIN)

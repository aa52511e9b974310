"""Make `vectors/identity.json`: what a phone must say of numbers that a companion types.

Run as a module to write it anew; a test fails while the file says something else.
"""

import json
from pathlib import Path
from typing import Any

from betang.core.identity.family_number import family_number_fault
from betang.core.identity.nik import Nik, read_nik
from betang.core.identity.provisional_number import is_provisional_number, provisional_number

PATH = Path(__file__).parents[3] / "vectors" / "identity.json"
NIKS = (
    "6201015208900001", "6201011208900001", "3573011208900001", "6201012902000001",
    "9701013112990009", "", "620101520890000", "62010152089000011", "62010152O8900001",
    "٦٢٠١٠١٥٢٠٨٩٠٠٠٠١", " 201015208900001", "0001015208900001", "9801015208900001",
    "6200015208900001", "6201005208900001", "6201013213900001", "6201010013900001",
    "6201017212900001", "6201012902010001", "6201013102900001", "6201015208900000",
)  # fmt: skip
FAMILY_NUMBERS = (
    "6201010107260001", "1101010107260001", "620101010726000", "62010101072600011",
    "62010101072600O1", "1001010107260001", "9801010107260001", "",
)  # fmt: skip


def vectors() -> dict[str, Any]:
    numbers = [provisional_number(serial) for serial in (1, 2, 9_000_000)]
    wrong = [
        "S-6562-3077",
        "S-6562-307",
        "S-0562-3076",
        "6562-3076",
        "s-6562-3076",
        "",
        "S-65623076",
    ]
    return {
        "about": "Numbers that people type on a phone: NIK and KK with the fault that must be "
        "told (null: well formed), and provisional registration numbers. Made by "
        "tests/core/identity/identity_vectors.py.",
        "niks": [
            {"text": text, "fault": None if isinstance(read, Nik) else str(read)}
            for text in NIKS
            for read in (read_nik(text),)
        ],
        "family_numbers": [
            {"text": text, "fault": fault and str(fault)}
            for text in FAMILY_NUMBERS
            for fault in (family_number_fault(text),)
        ],
        "provisional": [
            {"text": text, "good": is_provisional_number(text)} for text in (*numbers, *wrong)
        ],
    }


def written() -> str:
    return json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(written())

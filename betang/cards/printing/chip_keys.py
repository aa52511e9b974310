"""The keys of the listed chips, wrapped for one run; and its transport key, sealed apart.

The wrapped keys go into the package, the transport key into a file of its own, so that the two can
travel by different ways. A master key is in neither.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pyrage
from django.db import connection

from betang.cards.models import Bureau, PrintRun
from betang.cards.printing.chips import TooFewChipsError
from betang.cards.printing.files import written
from betang.cards.printing.folder import folder_of
from betang.cards.printing.package import NotSealedError, recipient_of
from betang.keys import chip_master, transport

KEYS = "kunci-cip.csv"
COLUMNS = "uid,key_version,wrapped"
#: Chips whose keys are in memory at once.
CHUNK = 1_000
NEXT = """
SELECT id, uid, key_version FROM cards_printchip WHERE run_id = %s AND id > %s ORDER BY id LIMIT %s
"""


def write_chip_keys(run: PrintRun) -> tuple[list[Path], bytes | None]:
    """Write K0 to K4 of each listed chip, wrapped under a new transport key, and give both.

    Nothing where no chip is listed. Raises `TooFewChipsError`, `NoChipMasterError`.
    """
    count = run.chips.count()
    if not count:
        return [], None
    if count < run.count:
        raise TooFewChipsError(chips=count, count=run.count)
    key = transport.new_transport_key()
    path = folder_of(run) / KEYS
    with written(path) as undone, undone.open("w", encoding="ascii") as file:
        file.write(f"{COLUMNS}\n")
        for uid, version, wrapped in _wrapped(run, key):
            file.write(f"{uid.hex().upper()},{version},{wrapped.hex().upper()}\n")
    return [path], key


def key_file_of(run: PrintRun) -> Path:
    """Say where the sealed transport key of a run lies."""
    return folder_of(run) / f"betang-{run.uuid}.key.age"


def seal_transport_key(run: PrintRun, bureau: Bureau, key: bytes) -> None:
    """Seal the transport key to the bureau, apart from the package, and read it back."""
    text = f"betang-transport,1,{run.uuid},{transport.check_value(key)},{key.hex().upper()}\n"
    check_key = pyrage.x25519.Identity.generate()
    to = [recipient_of(bureau.recipient), check_key.to_public()]
    with written(key_file_of(run)) as undone:
        undone.write_bytes(pyrage.encrypt(text.encode(), to))
        if pyrage.decrypt(undone.read_bytes(), [check_key]) != text.encode():
            raise NotSealedError


def _wrapped(run: PrintRun, key: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    """Give UID, key version and wrapped keys of each chip, a thousand chips at a time."""
    last = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(NEXT, [run.pk, last, CHUNK])
            rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            for version, group in groupby(rows, lambda row: int(row[2])):
                uids = [bytes(row[1]) for row in group]
                for uid, keys in zip(
                    uids, chip_master.card_keys_many(uids, version=version), strict=True
                ):
                    yield uid, version, transport.wrap_card_keys(key, uid, keys)

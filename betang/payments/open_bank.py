"""Open the line to the bank that the settings name."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from betang.core.errors import RefusedError
from betang.payments.agreement import read_agreement
from betang.payments.bank import TIMEOUT_S, Bank

CONNECTIONS = 8


class NoBankError(RefusedError):
    """Nobody said where the bank is."""

    code = "bank.not_configured"
    sentence = "Alamat bank belum diatur."
    do = "Mintalah pengelola sistem mengisi BETANG_BANK_URL dan BETANG_BANK_KEYS."


@contextmanager
def open_bank(
    url: str,
    keys: str,
    *,
    clock: Callable[[], datetime],
    connections: int = CONNECTIONS,
    timeout_s: float = TIMEOUT_S,
) -> Iterator[Bank]:
    """Speak to the bank at `url` with the agreement in the folder `keys`.

    Raises `NoBankError`, `NoAgreementError`.
    """
    if not url or not keys:
        raise NoBankError
    bank = Bank(
        url, read_agreement(Path(keys)), clock=clock, connections=connections, timeout_s=timeout_s
    )
    try:
        yield bank
    finally:
        bank.close()

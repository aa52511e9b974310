"""Give the package of a run to who may carry it to the bureau, and record it."""

from datetime import datetime
from typing import BinaryIO

from betang.cards.models import PrintRun
from betang.cards.printing.chip_keys import key_file_of
from betang.cards.printing.folder import folder_of
from betang.core.actor import Actor
from betang.core.errors import NotFoundError
from betang.journal.record import record


class NoPackageError(NotFoundError):
    """The run was printed in the house, or its package lies here no more."""

    code = "print.no_package"
    sentence = "Paket proses cetak ini tidak ada di server ini."
    do = "Dicetak di kantor sendiri tidak memakai paket. Selain itu, hubungi pengelola sistem."


def fetched(run: PrintRun, *, actor: Actor, at: datetime, of_key: bool = False) -> BinaryIO:
    """Open the package of `run`, or its sealed transport key, and record who took it.

    Raises `NoPackageError`.
    """
    path = key_file_of(run) if of_key else folder_of(run) / (run.package_name or "-")
    try:
        file = path.open("rb")
    except OSError as error:
        raise NoPackageError from error
    record(
        "print.fetched", run.uuid, actor=actor, at=at, area=run.area,
        file="key" if of_key else "package",
    )  # fmt: skip
    return file

"""Gather findings while a list is read, bounded however bad the list is."""

from collections import Counter

import polars as pl

from betang.core.identity.nik import mask
from betang.intake.findings import CODES, ERRORS

#: Findings of one code that are kept with their row; more are only counted.
KEPT_PER_CODE = 100_000
VALUE_CHARS_MAX = 40
#: Columns whose values show their ends only, and those that show a first letter only.
NUMBERS = frozenset({"nik", "no_kk"})
PERSONAL = frozenset({"nama", "alamat", "titik_acuan", "tanggal_lahir", "tanggal_status"})
SCHEMA = {
    "row": pl.UInt32,
    "column": pl.String,
    "code": pl.String,
    "value": pl.String,
}


class Findings:
    """What was found so far, and which rows it holds."""

    def __init__(self) -> None:
        self._parts: list[pl.DataFrame] = []
        self._held: list[pl.Series] = []
        self._warned: list[pl.Series] = []
        self.counts: Counter[str] = Counter()

    def add(self, rows: pl.DataFrame, column: str, code: str, value: str | None = None) -> None:
        """Note `code` for every row of `rows` (column `row`); `value` names the cell shown."""
        if rows.is_empty():
            return
        assert code in CODES, code
        room = max(0, KEPT_PER_CODE - self.counts[code])
        self.counts[code] += rows.height
        (self._held if code in ERRORS else self._warned).append(rows["row"])
        if not room:
            return
        kept = rows.head(room)
        shown = (
            kept[value].map_elements(lambda text: masked(column, text), return_dtype=pl.String)
            if value
            else pl.Series([""], dtype=pl.String).new_from_index(0, kept.height)
        )
        self._parts.append(
            pl.DataFrame(
                {
                    "row": kept["row"],
                    "column": pl.Series([column]).new_from_index(0, kept.height),
                    "code": pl.Series([code]).new_from_index(0, kept.height),
                    "value": shown.fill_null(""),
                },
                schema=SCHEMA,
            )
        )

    def add_codes(self, frame: pl.DataFrame, column: str, codes: str, value: str | None) -> None:
        """Note the code that each row of `frame` carries in the column `codes` (null: none)."""
        wrong = frame.filter(pl.col(codes).is_not_null())
        for code in wrong[codes].unique().to_list():
            self.add(wrong.filter(pl.col(codes) == code), column, code, value)

    def frame(self) -> pl.DataFrame:
        """Give all that was kept, in the order of the file."""
        if not self._parts:
            return pl.DataFrame(schema=SCHEMA)
        return pl.concat(self._parts).sort("row", "column", "code")

    def held_rows(self) -> pl.Series:
        """Give the numbers of rows with an error, each once."""
        return _union(self._held)

    def warned_rows(self) -> pl.Series:
        """Give the numbers of rows with a warning and no error."""
        warned = _union(self._warned)
        return warned.filter(~warned.is_in(self.held_rows().implode()))


def masked(column: str, value: str) -> str:
    """Show enough of a cell to find it again, and no more."""
    value = "".join(letter if letter.isprintable() else "�" for letter in value)
    if column in NUMBERS:
        return mask(value[:VALUE_CHARS_MAX])
    if column in PERSONAL:
        return value[:1] + "•" * min(len(value) - 1, 8)
    return value[:VALUE_CHARS_MAX]


def _union(parts: list[pl.Series]) -> pl.Series:
    if not parts:
        return pl.Series("row", dtype=pl.UInt32)
    return pl.concat(parts).unique()

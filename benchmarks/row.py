"""The shape of one measured figure."""

from typing import TypedDict


class Row(TypedDict):
    """`floor` in the same unit as `value`; `ratio` as the page of benchmarks explains it."""

    name: str
    value: float
    unit: str
    floor: float | None
    ratio: float | None
    peak_mb: float | None
    size: int

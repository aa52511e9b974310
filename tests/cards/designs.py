"""Layouts for tests: the first design, changed in one place."""

import copy
from typing import Any

from betang.cards.design.layout import read, written
from betang.cards.design.version import Design, first
from betang.cards.faces import Look

LOOK = Look(
    "Kartu Huma Betang Sejahtera",
    "Pemerintah Provinsi Kalimantan Tengah",
    "kartu.betang.example",
    sample=False,
)


def told() -> dict[str, Any]:
    """The first design as JSON values, to be changed."""
    return copy.deepcopy(written(first().layout))


def changed(side: str, name: str, **said: Any) -> dict[str, Any]:
    """The first design with one part saying something else."""
    layout = told()
    part_of(layout, side, name).update(said)
    return layout


def without(side: str, name: str) -> dict[str, Any]:
    layout = told()
    layout[side]["parts"].remove(part_of(layout, side, name))
    return layout


def part_of(layout: dict[str, Any], side: str, name: str) -> dict[str, Any]:
    return next(part for part in layout[side]["parts"] if part["id"] == name)


def design(layout: dict[str, Any]) -> Design:
    return Design(first().uuid, "tes-1", read(layout))


def look(layout: dict[str, Any]) -> Look:
    return LOOK._replace(design=design(layout))

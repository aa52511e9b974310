"""A design version as a printer needs it: name, layout, pictures; and the first one of all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from uuid import UUID

from betang.cards.design.layout import Layout, read
from betang.cards.design.picture import Picture

#: The design the programme began with. It is part of the house: always there, never changed.
FIRST_NAME = "rumah-panjang-1"
FIRST_UUID = UUID("00000000-0000-7000-8000-00000000ca01")


@dataclass(frozen=True, slots=True)
class Design:
    """One version of a card design, loaded; `name` is what a print run keeps."""

    uuid: UUID
    name: str
    layout: Layout
    pictures: Mapping[str, Picture] = field(default_factory=dict, repr=False)


@cache
def first() -> Design:
    """Give the design the programme began with."""
    text = (files("betang.cards.design") / f"{FIRST_NAME}.json").read_text("utf-8")
    return Design(FIRST_UUID, FIRST_NAME, read(json.loads(text)))

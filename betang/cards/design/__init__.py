"""Card designs: versions that staff edit, propose and approve; a run keeps the one it used."""

from betang.cards.design.in_use import current, load, named
from betang.cards.design.version import FIRST_NAME as NAME
from betang.cards.design.version import Design, first

__all__ = ["NAME", "Design", "current", "first", "load", "named"]

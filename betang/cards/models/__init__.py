"""What `cards` keeps: one module an idea; this page names them all."""

from betang.cards.models.card import LIVE_STATES, Card
from betang.cards.models.presentation import Presentation
from betang.cards.models.print_run import PrintRun
from betang.cards.models.revocation import Revocation, RevocationList
from betang.cards.models.tally import Tally

__all__ = [
    "LIVE_STATES",
    "Card",
    "Presentation",
    "PrintRun",
    "Revocation",
    "RevocationList",
    "Tally",
]

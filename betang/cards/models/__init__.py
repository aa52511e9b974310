"""What `cards` keeps: one module an idea; this page names them all."""

from betang.cards.models.bureau import Bureau
from betang.cards.models.card import LIVE_STATES, Card
from betang.cards.models.custody import Place, Posting, Transfer
from betang.cards.models.design import DesignPicture, DesignStep, DesignVersion
from betang.cards.models.hand_over import Collection, HandOverSession, NotHandedOver
from betang.cards.models.investigation import Investigation, Suspicion
from betang.cards.models.personalisation import ChipSession, ChipTurn, ChipVisit, SpoiltChip
from betang.cards.models.presentation import Presentation
from betang.cards.models.print_run import (
    PrintChip,
    PrintFinding,
    PrintPart,
    PrintReturn,
    PrintRow,
    PrintRun,
)
from betang.cards.models.reissue import Reissue
from betang.cards.models.revocation import Revocation, RevocationDelta, RevocationList
from betang.cards.models.taken_over import ReplacementVisit, TakenOver, TakeOver
from betang.cards.models.tally import Tally
from betang.cards.models.ticket import TicketRoster, TicketSegment

__all__ = [
    "LIVE_STATES",
    "Bureau",
    "Card",
    "ChipSession",
    "ChipTurn",
    "ChipVisit",
    "Collection",
    "DesignPicture",
    "DesignStep",
    "DesignVersion",
    "HandOverSession",
    "Investigation",
    "NotHandedOver",
    "Place",
    "Posting",
    "Presentation",
    "PrintChip",
    "PrintFinding",
    "PrintPart",
    "PrintReturn",
    "PrintRow",
    "PrintRun",
    "Reissue",
    "ReplacementVisit",
    "Revocation",
    "RevocationDelta",
    "RevocationList",
    "SpoiltChip",
    "Suspicion",
    "TakeOver",
    "TakenOver",
    "Tally",
    "TicketRoster",
    "TicketSegment",
    "Transfer",
]

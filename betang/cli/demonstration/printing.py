"""The print bureau's part: card faces to PDF, looked at before anybody calls them printed."""

import shutil
from pathlib import Path

from django.utils import timezone

from betang.accounts.models import User
from betang.cards.print_run import print_cards
from betang.cli.demonstration.telling import say, step
from betang.core.money import number


def print_sample(folder: Path, budi: User) -> None:
    """Render every card, decode a sample, and keep the first file where a person finds it."""
    with step("Mencetak kartu ke PDF dan membaca ulang contohnya") as bar:
        printed = print_cards(actor=budi.actor, at=timezone.now(), progress=bar)
    pdf = folder / "kartu.pdf"
    shutil.copy(printed.files[0], pdf)
    say(f"  {number(printed.count)} kartu; {number(printed.checked)} dibaca ulang; {pdf}")

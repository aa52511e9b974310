"""The whole story in its order: office, field, money, and the end counted from the database."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from betang.accounts.models import Role
from betang.cli.demonstration import field, money, office, people, printing, summary
from betang.cli.demonstration.telling import say, step
from betang.core.money import number

__all__ = ["end", "say", "tell"]


def tell(
    folder: Path, *, families: int, seed: int, devices: int, boundaries: Path | None, origin: str
) -> None:
    """Act out one cycle of aid. `folder` keeps the made-up list, the bank's book and the cards."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    office.lay_the_ground(boundaries)
    areas = field.share_out(devices)
    crew = [people.facilitator(place, area[0] // 100) for place, area in enumerate(areas)]
    with step("Membuat akun dan peran, masing-masing oleh dua orang"):
        cast = people.gather(crew, at=timezone.now())
    budi, wati, tuti = cast["budi"], cast["wati"], cast["tuti"]

    with step(f"Menulis daftar contoh {number(families)} keluarga, dengan kesalahannya"):
        words = ["--families", str(families), "--seed", str(seed), "--out", str(folder)]
        command = [sys.executable, "-m", "sandbox.province", *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    office.receive_the_list(folder, budi, wati)
    programme = office.judge_and_enrol(budi, wati)
    office.issue_the_cards(budi)
    printing.print_sample(folder, budi)
    office.take_into_stock(budi)
    cycle = office.open_the_cycle(programme, budi)

    field.serve_the_villages(
        folder, cycle, [cast[part.username] for part in crew], cast["admin"], areas, origin, seed
    )
    office.invite_the_rest(cycle, budi)
    with money.open_bank(folder / "bank") as bank:
        money.pay(cycle, bank, budi=budi, tuti=tuti)


def end(origin: str, *, as_json: bool) -> dict[str, Any]:
    """Count the summary, print it with addresses and sign-ins, and return it."""
    figures = summary.count_all()
    if not as_json:
        for line in ("", *summary.lines(figures), ""):
            say(line)
    say(f"Situs          {origin}/")
    say(f"Aplikasi HP    {origin}/lapangan/")
    say(f"Cek kartu      {origin}/k")
    say(f"Siaran         {settings.STREAM_ORIGIN}")
    say(f"Kata sandi     {people.PASSWORD}   (semua akun contoh)")
    for part in people.OFFICE:
        say(f"  {part.username:<12} {Role(part.role).label:<24} {part.task}")
    say("  sari01 ...   Petugas lapangan         melayani keluarga di desa")
    return figures

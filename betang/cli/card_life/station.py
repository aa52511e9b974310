"""Writing chips at a station with a reader (docs/operate/station.md)."""

import time
from contextlib import suppress
from uuid import UUID

import click
import orjson
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from betang.cards.models import ChipSession
from betang.cards.personalise import session as sessions
from betang.cards.personalise.outcome import ChipGoneError, Outcome, ReaderGoneError
from betang.cards.personalise.reader import NoReaderError, Reader, reader_names
from betang.cards.personalise.write import personalise_chip
from betang.cards.printing.runs import find as find_run
from betang.cli._acting import acting, as_json_option, shared, tell
from betang.cli.card_life.options import village_of
from betang.core.actor import Actor
from betang.core.card.originality import NXP_POINT
from betang.core.money import number as figure

_SESSION = click.argument("session", type=click.UUID)
_HOUR = 3600


@click.command()
@click.argument("numbers", nargs=-1)
@click.option("--run", type=click.UUID, help="Semua kartu sebuah proses cetak.")
@shared
def start(numbers: tuple[str, ...], run: UUID | None, username: str, as_json: bool) -> None:
    """Susun kartu yang akan ditulis cipnya; menunggu konfirmasi orang kedua."""
    actor = acting(username, "print.run")
    if bool(numbers) == (run is not None):
        raise click.UsageError("Sebutkan nomor kartu, atau --run, salah satu.")
    made = sessions.start(
        actor=actor, at=timezone.now(), run=find_run(run) if run else None, numbers=numbers
    )
    told = sessions.progress(made)
    tell({"session": str(made.uuid), "cards": told.of, "confirmed": False}, as_json=as_json)


@click.command()
@_SESSION
@shared
def confirm(session: UUID, username: str, as_json: bool) -> None:
    """Konfirmasi sesi penulisan cip sebagai orang kedua."""
    actor = acting(username, "print.release")
    made = sessions.confirm(sessions.find(session), actor=actor, at=timezone.now())
    tell({"session": str(made.uuid), "confirmed": True}, as_json=as_json)


@click.command()
@_SESSION
@click.option("--reader", default="", help="Sebagian nama alat pembaca, bila ada beberapa.")
@click.option("--chips", type=click.IntRange(min=1), help="Berhenti setelah sekian cip.")
@click.option("--wait", type=float, help="Berhenti bila sekian detik tidak ada cip.")
@click.option("--maker", hidden=True, help="Kunci publik pabrik cip tiruan (hanya peragaan).")
@shared
def run(
    session: UUID,
    reader: str,
    chips: int | None,
    wait: float | None,
    maker: str | None,
    username: str,
    as_json: bool,
) -> None:
    """Tulis cip kartu satu demi satu pada alat pembaca, sampai semua selesai."""
    actor, work = acting(username, "print.run"), sessions.find(session)
    sessions.must_run(work)
    point = _maker(maker)
    _Table(work, actor, point, as_json=as_json).serve(Reader(reader), reader, chips, wait)


@click.command()
@_SESSION
@shared
def finish(session: UUID, username: str, as_json: bool) -> None:
    """Tutup sesi penulisan cip; kartu yang belum selesai menunggu sesi lain."""
    actor = acting(username, "print.run")
    made = sessions.end(sessions.find(session), actor=actor, at=timezone.now())
    told = sessions.progress(made)
    tell({"session": str(made.uuid), "done": told.done, "of": told.of}, as_json=as_json)


@click.command(name="give-up")
@click.argument("number")
@click.option("--reason", required=True, help="Apa yang terjadi pada cipnya.")
@shared
def give_up(number: str, reason: str, username: str, as_json: bool) -> None:
    """Nyatakan cip setengah jadi sebuah kartu rusak; kartunya menerima cip lain."""
    actor = acting(username, "print.release", village_of(number))
    with transaction.atomic():
        card = sessions.give_up_chip(number, reason=reason, actor=actor, at=timezone.now())
    tell({"number": card.number, "chip": None}, as_json=as_json)


@click.command()
@as_json_option
def readers(as_json: bool) -> None:
    """Sebutkan alat pembaca yang terpasang."""
    tell({"readers": reader_names()}, as_json=as_json)


class _Table:
    """The station's loop: asks for a card, writes its chip, tells how that ended."""

    def __init__(self, session: ChipSession, actor: Actor, maker: bytes, *, as_json: bool) -> None:
        self.session, self.actor, self.maker, self.as_json = session, actor, maker, as_json
        self.began, self.finished = time.monotonic(), 0

    def serve(self, reader: Reader, name: str, chips: int | None, wait: float | None) -> None:
        """Serve chips until all are done, so many came, or none came for `wait` seconds."""
        came = 0
        while card := sessions.next_card(self.session):
            self._ask(card.number)
            try:
                if not reader.wait_for_chip(seconds=wait):
                    return
                outcome = self._write(reader)
                came += 1
                self._told(outcome)
                if came == chips:
                    return
                reader.wait_until_empty(seconds=wait)
            except ReaderGoneError:
                self._told(Outcome("reader_gone", "wait"))
                found = _again(name, wait)
                if found is None:
                    return
                reader = found

    def _write(self, reader: Reader) -> Outcome:
        try:
            with reader.chip() as chip:
                return personalise_chip(
                    chip.transmit, self.session, actor=self.actor, clock=timezone.now,
                    maker=self.maker,
                )  # fmt: skip
        except ChipGoneError:  # gone before a first word
            return Outcome("pulled", "connect")

    def _ask(self, number: str) -> None:
        if not self.as_json:
            click.echo(f"Letakkan kartu {number} pada alat pembaca.", err=True)

    def _told(self, outcome: Outcome) -> None:
        self.finished += outcome.state == "done"
        told = sessions.progress(self.session)
        rate = round(self.finished * _HOUR / max(time.monotonic() - self.began, 1))
        if self.as_json:
            facts = {
                "state": outcome.state, "step": outcome.step, "card": outcome.card,
                "uid": outcome.uid.hex() if outcome.uid else None, "done": told.done,
                "of": told.of, "chips_an_hour": rate,
            }  # fmt: skip
            click.echo(orjson.dumps(facts).decode())
            return
        many = f"{figure(told.done)} dari {figure(told.of)}, {figure(rate)} cip sejam"
        click.echo(f"{outcome.sentence} ({many})")


def _again(name: str, wait: float | None) -> Reader | None:
    """Wait until the reader is back; None when time is up."""
    until = None if wait is None else time.monotonic() + wait
    while until is None or time.monotonic() < until:
        with suppress(NoReaderError, ReaderGoneError):
            return Reader(name)
        time.sleep(0.5)
    return None


def _maker(maker: str | None) -> bytes:

    if maker is None:
        return NXP_POINT
    if not settings.DEMO:
        raise click.UsageError("Cip tiruan hanya untuk peragaan (BETANG_DEMO=1).")
    return bytes.fromhex(maker)

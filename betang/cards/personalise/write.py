"""One chip in the field: find out what it is and how far it came, finish it, prove it.

Steps in order: product, maker's signature, which card, which keys, file, settings, K1 to K4, K0
last, then everything read back and a live tap. Every step looks first whether it is done already,
so a chip that was pulled out at any command goes on where it was (docs/protocols/chip.md).
"""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from betang.cards.models import ChipSession, ChipVisit
from betang.cards.personalise.bind import Bound, bind, card_for, mark_checked, mark_written
from betang.cards.personalise.outcome import (
    ChipEndedError,
    ChipGoneError,
    Outcome,
    ReaderGoneError,
)
from betang.cards.personalise.session import must_run
from betang.core.actor import Actor
from betang.core.card.card_file import card_file, card_settings, read_url
from betang.core.card.chip import K0_MASTER, K1_CHANGE, K2_FILE_READ, is_genuine, read_tap_url
from betang.core.card.chip_commands import (
    AUTHENTICATION_DELAY,
    AUTHENTICATION_ERROR,
    FACTORY_KEY,
    INTEGRITY_ERROR,
    NDEF_FILE,
    ChipRefusedError,
    Conversation,
    Transmit,
)
from betang.core.card.ev2 import CommMode, MessagingError
from betang.core.card.file_settings import FREE, SettingsError
from betang.core.card.originality import NXP_POINT, is_original
from betang.keys import chip_master

Clock = Callable[[], datetime]


def personalise_chip(
    transmit: Transmit,
    session: ChipSession,
    *,
    actor: Actor,
    clock: Clock,
    maker: bytes = NXP_POINT,
) -> Outcome:
    """Bring the chip in the field as far as it goes; give how that ended.

    Raises what `must_run` raises; whatever the chip does is an outcome. `maker` is the public key
    that signs genuine blank chips.
    """
    must_run(session)
    visit = ChipVisit.objects.create(session=session, began_at=clock())
    writer = _Writer(Conversation(transmit), visit, actor, clock, maker)
    state, card = "done", ""
    try:
        writer.all_steps(session)
    except ChipEndedError as ended:
        state, card = ended.state, ended.card
    except ChipGoneError:
        state = "pulled"
    except ReaderGoneError:
        state = "reader_gone"
    except ChipRefusedError as refused:
        state = "delay" if refused.means(AUTHENTICATION_DELAY) else "refused"
    except (MessagingError, SettingsError):
        state = "refused"
    card = card or (visit.card.number if visit.card else "")
    visit.result, visit.ended_at = state, clock()
    visit.save(update_fields=["result", "ended_at"])
    return Outcome(state, visit.step, bytes(visit.uid) if visit.uid else None, card)


class _Writer:
    """The steps of one visit. Keys live in local variables and in the session with the chip."""

    def __init__(
        self, talk: Conversation, visit: ChipVisit, actor: Actor, clock: Clock, maker: bytes
    ) -> None:
        self.talk, self.visit, self.actor, self.clock = talk, visit, actor, clock
        self.maker = maker

    def all_steps(self, session: ChipSession) -> None:
        uid = self._what_it_is()
        bound = card_for(uid, session)
        keys = chip_master.card_keys(uid, version=bound.version)
        factory = self._open(bound, keys)
        if not bound.bound:
            self._step("bind", card=bound)
            bind(bound, uid)
        self._step("file", card=bound)
        if factory:
            self._write_file()
            self._change_keys(keys, bound.version)
        mark_written(bound, uid, at=self.clock())
        self._read_back(uid, keys)
        self._tap(bound, uid, keys)

    def _step(self, name: str, *, uid: bytes | None = None, card: Bound | None = None) -> None:
        """Say in the log where we are, before we go there: a kill leaves this behind."""
        self.visit.step = name
        if uid is not None:
            self.visit.uid = uid
        if card is not None:
            self.visit.card = card.card
        self.visit.save(update_fields=["step", "uid", "card"])

    def _what_it_is(self) -> bytes:
        self.talk.select_application()
        self._step("version")
        try:
            product = self.talk.version()
        except ChipRefusedError as refused:  # another product need not know the command
            raise ChipEndedError("wrong_product") from refused
        if not product.is_ntag424:
            raise ChipEndedError("wrong_product")
        if not any(product.uid):
            raise ChipEndedError("random_uid")
        self._step("signature", uid=product.uid)
        if not is_original(product.uid, self.talk.signature(), point=self.maker):
            raise ChipEndedError("not_original")
        return product.uid

    def _open(self, bound: Bound, keys: tuple[bytes, ...]) -> bool:
        """Open a session with K0; True: the factory's key, False: ours already.

        The version of K0 says which is likelier, since each wrong try is counted by the chip.
        """
        self._step("authenticate")
        try:
            factory_first = self.talk.key_version(K0_MASTER) == 0
        except ChipRefusedError:  # a chip may tell this inside a session only (U)
            factory_first = not bound.bound
        for factory in (factory_first, not factory_first):
            self.talk.select_application()
            try:
                self.talk.authenticate(K0_MASTER, FACTORY_KEY if factory else keys[K0_MASTER])
            except ChipRefusedError as refused:
                if not refused.means(AUTHENTICATION_ERROR):
                    raise
                continue
            if not factory and not bound.bound:
                raise ChipEndedError("unrecorded")
            return factory
        raise ChipEndedError("foreign_keys")

    def _write_file(self) -> None:
        told, ours = self.talk.file_settings(NDEF_FILE), card_settings(settings.CARD_HOST)
        if told.change() == ours.change():  # written before its settings were: both are done
            return
        writers = {told.rights.write, told.rights.read_write}
        if not writers & {FREE, K0_MASTER} or told.rights.change != K0_MASTER:
            raise ChipEndedError("locked_settings")
        mode = told.mode if K0_MASTER in writers else CommMode.PLAIN
        self.talk.write(NDEF_FILE, card_file(settings.CARD_HOST), mode=mode)
        self._step("settings")
        self.talk.change_file_settings(NDEF_FILE, ours)

    def _change_keys(self, keys: tuple[bytes, ...], version: int) -> None:
        for number in range(K1_CHANGE, len(keys)):
            self._step(f"key {number}")
            if self.talk.key_version(number) == version:
                continue
            try:
                self.talk.change_key(number, new=keys[number], old=FACTORY_KEY, version=version)
            except ChipRefusedError as refused:
                if refused.means(INTEGRITY_ERROR):  # the old key is not the factory's
                    raise ChipEndedError("foreign_keys") from refused
                raise
        # A key with our version need not be ours: it is proved before the master key goes.
        self._prove(keys[1:], first=K1_CHANGE)
        self.talk.authenticate(K0_MASTER, FACTORY_KEY)
        self._step("key 0")
        self.talk.change_key(K0_MASTER, new=keys[K0_MASTER], old=FACTORY_KEY, version=version)

    def _read_back(self, uid: bytes, keys: tuple[bytes, ...]) -> None:
        self._step("read back")
        self.talk.select_application()
        self._prove(keys[1:], first=K1_CHANGE)
        self._prove(keys[:1], first=K0_MASTER)
        told = self.talk.file_settings(NDEF_FILE)
        if self.talk.uid() != uid or told.change() != card_settings(settings.CARD_HOST).change():
            raise ChipEndedError("differs")

    def _prove(self, keys: tuple[bytes, ...], *, first: int) -> None:
        for number, key in enumerate(keys, start=first):
            try:
                self.talk.authenticate(number, key)
            except ChipRefusedError as refused:
                if refused.means(AUTHENTICATION_ERROR):
                    raise ChipEndedError("foreign_keys") from refused
                raise

    def _tap(self, bound: Bound, uid: bytes, keys: tuple[bytes, ...]) -> None:
        self._step("tap")
        url = read_url(self.talk.read_ndef()) or ""
        tap = read_tap_url(url, host=settings.CARD_HOST)
        genuine = tap is not None and tap.uid == uid and is_genuine(keys[K2_FILE_READ], tap)
        if tap is None or not genuine or tap.counter <= bound.card.counter:
            raise ChipEndedError("tap_wrong", bound.card.number)
        mark_checked(bound, uid, tap.counter, actor=self.actor, at=self.clock())

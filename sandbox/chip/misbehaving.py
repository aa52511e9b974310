"""Chips that go wrong on request: pulled out, another product, another maker, a random UID."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.chip.maker import Maker
from sandbox.chip.virtual_chip import VirtualChip

#: GetVersion of an NTAG 213 and of a DESFire EV2, as a wrong delivery could be.
NTAG213 = bytes.fromhex("04040201000F03")
DESFIRE_EV2 = bytes.fromhex("04010112001605")


class PulledOutError(Exception):
    """The chip is no longer in the field."""


@dataclass
class PulledOut:
    """A chip that leaves the field after so many commands; what it did until then, stays done.

    `answered`: whether the answer to the last command still came through. The chip has obeyed it
    either way, which is what makes a lost answer dangerous.
    """

    chip: VirtualChip
    after: int
    answered: bool = True
    error: Callable[[], BaseException] = field(default=PulledOutError, repr=False)
    seen: int = 0

    def answer(self, command: bytes) -> bytes:
        """Answer one command, or be gone."""
        if self.seen >= self.after:
            self.chip.reset()
            raise self.error()
        self.seen += 1
        answer = self.chip.answer(command)
        if self.seen == self.after and not self.answered:
            self.chip.reset()
            raise self.error()
        return answer


def wrong_product(uid: bytes, *, maker: Maker, hardware: bytes = NTAG213) -> VirtualChip:
    """Make a tag of another kind in the same card body."""
    return VirtualChip(uid, maker=maker, hardware=hardware)


def random_uid(uid: bytes, *, maker: Maker) -> VirtualChip:
    """Make a chip whose UID is another at each activation, as one order option is."""
    return VirtualChip(uid, maker=maker, random_uid=True)

"""A card of the simulation: what its chip says by `core.card.chip`, and where its family lives."""

from dataclasses import dataclass, field

from betang.core.card.chip import COUNTER_MAX, Tap, sun_mac


@dataclass
class Card:
    """One family's card. K2 is the chip's and the office's; no phone and no attacker has it."""

    number: str
    village: int
    uid: bytes
    file_read_key: bytes = field(repr=False)
    counter: int = 0
    dead: bool = False

    def taps(self, count: int, *, burned: int = 0) -> list[Tap]:
        """Read the chip so often; each reading burns `burned` more, as browsers do."""
        read = []
        for _ in range(count):
            self.counter = min(COUNTER_MAX, self.counter + 1)
            mac = sun_mac(self.file_read_key, self.uid, self.counter)
            read.append(Tap(self.uid, self.counter, mac))
            self.counter += burned
        return read

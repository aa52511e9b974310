"""What a device remembers of the field beside its leases: taken rights, days, numbers.

A plan without the faults of the field leaves it empty.
"""

from copy import copy
from dataclasses import dataclass, field, fields
from typing import NamedTuple

from sandbox.phones.phone import Phone


class Due(NamedTuple):
    """A right that a device may deliver."""

    right: str
    household: str
    parts: int
    given: int


@dataclass
class Notebook:
    """The memory of one device; a copy of the device has a copy of it."""

    #: Leases that another phone's transfer made: until when, for which families, with which cards.
    until: dict[str, float] = field(default_factory=dict)
    due: list[Due] = field(default_factory=list)
    cards: dict[str, str] = field(default_factory=dict)
    #: Families that it delivered to.
    served: set[str] = field(default_factory=set)
    #: Days that it opened or closed, and who was invited as far as it knew.
    parts: dict[str, str] = field(default_factory=dict)
    invited: dict[str, list[str]] = field(default_factory=dict)
    #: Registration numbers that it gave to families.
    numbers: set[str] = field(default_factory=set)

    def copy(self) -> "Notebook":
        """Copy it, so that neither learns from the other."""
        return Notebook(**{one.name: copy(getattr(self, one.name)) for one in fields(self)})

    def heed(self, phone: Phone) -> None:
        """Stop on rights from another phone of which the server says that they are not held here.

        After an accepted decision the phone goes on until a bundle tells (lease.md, section 3).
        """
        told = {one["seq"]: one for one in phone.decisions} if phone.taken else {}
        for right, taken in phone.taken.items():
            one, lease = told.get(taken.seq), taken.lease
            if one is None or one["outcome"] == "parked":
                continue
            if one["outcome"] != "accepted" or one["code"] == "transfer.revoked":
                self.until.pop(lease, None)
                if phone.rights.get(right) == lease:
                    del phone.rights[right]

"""A lease on the wire, and how claims are settled."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from betang.core.crypto.signing import new_private_key, sign
from betang.core.lease import grant
from betang.core.lease.settle import Settled, settle

LEASE = grant.Lease(
    UUID(int=1), "7K3M9QXA", bytes(32), UUID(int=2),
    datetime(2026, 11, 12, tzinfo=UTC), datetime(2026, 11, 19, tzinfo=UTC), [UUID(int=3)],
)  # fmt: skip
GOOD = {
    "by_hand": True, "state": "open", "parts_left": 1, "part_taken": False, "cycle_open": True,
    "card_refused": False, "holds": True, "in_time": True,
}  # fmt: skip


class TestALease:
    def test_of_another_key_or_altered_is_refused(self):
        key = new_private_key()
        text = grant.write(LEASE, 4, lambda message: sign(key, message))

        with pytest.raises(grant.NotALeaseError):
            grant.read(text, new_private_key().public_key())
        with pytest.raises(grant.NotALeaseError):
            grant.read(text[:-4] + "AAAA", key.public_key())
        with pytest.raises(grant.NotALeaseError):
            grant.read("a.b.c", key.public_key())

    def test_comes_back(self):
        key = new_private_key()

        text = grant.write(LEASE, 4, lambda message: sign(key, message))

        assert grant.read(text, key.public_key()) == LEASE


class TestAClaim:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"by_hand": False}, Settled.UNKNOWN_RIGHT),
            ({"state": "paid"}, Settled.UNKNOWN_RIGHT),
            ({"state": "cancelled", "holds": False}, Settled.UNKNOWN_RIGHT),
            ({"state": "delivered", "holds": False}, Settled.ALREADY_DELIVERED),
            ({"parts_left": 0}, Settled.ALREADY_DELIVERED),
            ({"part_taken": True}, Settled.ALREADY_DELIVERED),
            ({"card_refused": True, "in_time": False}, Settled.CARD_REFUSED),
            ({"cycle_open": False, "holds": False}, Settled.CYCLE_CLOSED),
            ({"holds": False, "in_time": False}, Settled.NOT_LEASED),
            ({"in_time": False}, Settled.AFTER_LEASE),
        ],
    )
    def test_is_not_counted_and_the_first_reason_is_given(self, changes, code):
        assert settle(**(GOOD | changes)) is code

    def test_of_the_holder_in_time_counts(self):
        assert settle(**GOOD) is Settled.COUNTS

"""What a phone gets that says which list it holds: nothing, a delta, or the complete list."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from betang.cards.block import block
from betang.cards.models import RevocationDelta
from betang.cards.replace import replace
from betang.cards.revocation import current_list, part_for, publish
from betang.core.card.revocation import ListRefusedError, RevocationList, read_list
from betang.core.identity.card_number import card_number
from betang.core.identity.household_number import household_number
from betang.keys import ring


def revoke(*places: int, at, reason="lost"):
    """Revoke cards that no test looks at further: the list names numbers, not rows of cards."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO cards_revocation (card_number, reason, at) VALUES (%s, %s, %s)",
            [(card_number(household_number(place), 1), reason, at) for place in places],
        )


@pytest.fixture
def opened(settings, keys):
    """Read a part as a phone does."""

    def read(part, held: RevocationList | None = None) -> RevocationList:
        return read_list(part.content, ring.keyring(), issuer=settings.CARD_HOST).after(held)

    return read


@pytest.fixture
def first(keys, budi, noon, opened) -> RevocationList:
    revoke(*range(1_001, 1_060), at=noon)
    publish(actor=budi, at=noon)
    return opened(part_for(None))


class TestPartFor:
    def test_is_none_before_the_first_list(self, db):
        assert part_for(None) is None
        assert part_for(3) is None

    def test_is_none_for_who_holds_the_newest(self, first):
        assert part_for(first.seq) is None

    @pytest.mark.parametrize("held", [None, 0, 7, 9_999_999_999])
    def test_is_complete_for_a_number_that_we_never_gave_out(self, first, held, opened):
        part = part_for(held)

        assert part.since == 0
        assert opened(part) == first

    def test_is_a_delta_that_leads_exactly_to_the_newest(self, first, budi, noon, opened):
        later = noon + timedelta(hours=1)
        revoke(100, at=later)
        revoke(101, at=later, reason="superseded")
        publish(actor=budi, at=later)

        part = part_for(first.seq)

        assert (part.since, part.seq) == (1, 2)
        assert len(part.content) < 300 < len(current_list())
        assert opened(part, first) == opened(part_for(None))

    def test_is_a_delta_without_a_number_for_a_list_that_was_only_signed_again(
        self, first, budi, noon, opened
    ):
        publish(actor=budi, at=noon + timedelta(days=1))

        part = part_for(first.seq)

        assert len(part.content) < 200
        assert opened(part, first).issued_at == noon + timedelta(days=1)

    def test_refuses_a_phone_that_holds_less(self, first, budi, noon, opened):
        publish(actor=budi, at=noon + timedelta(days=1))
        publish(actor=budi, at=noon + timedelta(days=2))

        with pytest.raises(ListRefusedError, match=r"list\.gap"):
            opened(part_for(2), first)

    def test_is_complete_where_a_delta_is_not_smaller(self, keys, budi, noon):
        publish(actor=budi, at=noon)
        revoke(1, at=noon)
        publish(actor=budi, at=noon)

        assert part_for(1).since == 0

    def test_is_complete_where_a_blocked_card_was_replaced(self, first, active, budi, noon, opened):
        revoke_at = noon + timedelta(minutes=1)
        block(active.number, reason="lost", actor=budi, at=revoke_at)
        second = publish(actor=budi, at=revoke_at)
        replace(active.number, actor=budi, at=revoke_at + timedelta(minutes=1))
        publish(actor=budi, at=revoke_at + timedelta(minutes=1))

        part = part_for(second)

        assert part.since == 0
        assert opened(part).says(active.number) == "card.superseded"

    def test_is_signed_once_for_all_phones_and_forgotten_with_its_list(self, first, budi, noon):
        publish(actor=budi, at=noon + timedelta(days=1))

        assert part_for(1).content == part_for(1).content
        assert RevocationDelta.objects.count() == 1
        publish(actor=budi, at=noon + timedelta(days=2))
        assert RevocationDelta.objects.count() == 0

    def test_the_database_refuses_a_delta_backwards(self, db):
        with pytest.raises(IntegrityError), transaction.atomic():
            RevocationDelta.objects.create(since=2, seq=2, content=b"")

"""Whatever is repeated, cut or reordered on the way, the end is the same (Hypothesis)."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from betang.core.event import envelope
from betang.core.event.chain import Answer, place
from betang.distribution.models import Delivery
from betang.sync.models import Decision, DeviceCursor, FieldEvent
from tests.sync.world import World


class Link:
    """An event as the chain sees it."""

    def __init__(self, seq: int, prev: bytes, name: bytes = b"") -> None:
        self.seq, self.prev = seq, prev
        self.sha256 = envelope.hash_of(b"%d" % seq + prev + name)


def chain(length: int) -> list[Link]:
    links, head = [], envelope.NO_PREVIOUS
    for seq in range(1, length + 1):
        links.append(Link(seq, head))
        head = links[-1].sha256
    return links


class TestThePlaceOfAnEvent:
    @given(st.lists(st.lists(st.integers(1, 12), min_size=1, max_size=8), min_size=1, max_size=12))
    def test_does_not_depend_on_how_events_are_cut_repeated_or_ordered(self, batches):
        links = chain(12)
        head, applied = (0, envelope.NO_PREVIOUS), []
        stored, held = {}, {}
        for batch in [*batches, [link.seq for link in links]]:
            arrived = [links[seq - 1] for seq in batch]
            placing = place(arrived, head=head, stored=stored, forked=frozenset(), held=held)
            assert not placing.fork
            for event, answer in zip(arrived, placing.answers, strict=True):
                assert (answer is Answer.HELD) == (event.seq > placing.seq)
            applied += placing.apply
            head = (placing.seq, placing.sha256)
            for link in placing.apply:
                held.pop(link.seq, None)
                stored[link.seq] = link.sha256
            for link in placing.hold:
                held[link.seq] = link
                stored[link.seq] = link.sha256

        assert [link.seq for link in applied] == list(range(1, 13))
        assert not held

    @given(st.integers(1, 10), st.booleans())
    def test_a_second_branch_is_a_fork_wherever_it_begins(self, at, late):
        links = chain(10)
        other = Link(at, links[at - 2].sha256 if at > 1 else envelope.NO_PREVIOUS, b"other")
        order = [*links, other] if late else [*links[: at - 1], other, *links[at - 1 :]]
        placing = place(
            order, head=(0, envelope.NO_PREVIOUS), stored={}, forked=frozenset(), held={}
        )

        assert len(placing.fork) >= 1
        assert Answer.FORK in placing.answers


class TestIngest:
    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(data=st.data())
    def test_ends_the_same_for_random_repeats_and_orders(self, world: World, data):
        phone = world.confirmed()
        if not world.phones[1:]:
            world.lease(phone)
            phone.fetch()
        rights = list(phone.rights) or world.rights()
        events = [phone.deliver(right) for right in rights[:5]]
        events.insert(2, phone.sign("problem.reported", {"code": "other"}))
        phone.queue.sort(key=lambda one: one.seq)
        events = phone.queue
        before = Delivery.objects.count()
        batches = data.draw(
            st.lists(st.lists(st.sampled_from(events), min_size=1, max_size=6), max_size=6)
        )

        for batch in batches:
            phone.send(batch)
        phone.send(events)

        device = world.device(phone)
        assert FieldEvent.objects.filter(device=device).count() == 6
        assert Decision.objects.filter(device=device).count() == 6
        assert DeviceCursor.objects.get(device=device).applied_seq == 6
        assert DeviceCursor.objects.get(device=device).held_count == 0
        assert Delivery.objects.count() - before == 5

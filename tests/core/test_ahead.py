"""Parts made ahead of their use."""

from threading import Event, current_thread

import pytest

from betang.core.ahead import ahead
from tests.conftest import PATIENCE_S


class TestAhead:
    def test_raises_what_making_a_part_raised_after_the_parts_before_it(self):
        def parts():
            yield 1
            raise LookupError("the second part")

        given = []

        with pytest.raises(LookupError, match="the second part"):
            given.extend(ahead(parts()))

        assert given == [1]

    def test_makes_no_more_where_the_caller_stops(self):
        made = []

        def parts():
            for number in range(100):
                made.append(number)
                yield number

        coming = ahead(parts())
        next(coming)
        coming.close()

        assert made == [0, 1]

    def test_gives_every_part_in_order_also_none(self):
        assert list(ahead([3, None, 1])) == [3, None, 1]
        assert list(ahead([])) == []

    def test_makes_a_part_in_another_thread_while_the_one_before_is_used(self):
        second = Event()
        makers = set()

        def parts():
            makers.add(current_thread())
            yield 1
            second.set()
            yield 2

        for part in ahead(parts()):
            assert second.wait(timeout=PATIENCE_S), f"nothing was made while {part} was used"

        assert current_thread() not in makers

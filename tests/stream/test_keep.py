"""What is kept running runs again, and tells of an error without its words."""

import asyncio
import logging

import pytest

from betang.stream import keep as keeping
from betang.stream.keep import keep, where


class Work:
    """Fails a number of times, each with the name of somebody, and then works."""

    def __init__(self, fails: int) -> None:
        self.fails, self.begun = fails, 0
        self.works = asyncio.Event()

    async def __call__(self) -> None:
        self.begun += 1
        if self.begun <= self.fails:
            raise ValueError("Lamiang, NIK 6203011208900001")
        self.works.set()
        await asyncio.Event().wait()


async def run(work: Work) -> None:
    running = asyncio.create_task(keep("the work", work))
    await asyncio.wait_for(work.works.wait(), 30)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(keeping, "LAST_WAIT_S", 0.004)


class TestKeep:
    def test_begins_again_after_each_error_with_waits_that_grow(self, caplog):
        with caplog.at_level(logging.WARNING):
            asyncio.run(run(Work(fails=5)))

        waits = [record.args[2] for record in caplog.records]
        assert waits == [0.001, 0.002, 0.004, 0.004, 0.004]

    def test_tells_the_kind_and_the_line_and_not_the_words(self, caplog):
        with caplog.at_level(logging.WARNING):
            asyncio.run(run(Work(fails=1)))

        assert "ValueError at test_keep.py:" in caplog.text
        assert "Lamiang" not in caplog.text
        assert "6203011208900001" not in caplog.text

    def test_begins_again_after_an_end_that_should_not_be(self, caplog):
        begun = []

        async def ends() -> None:
            begun.append(1)
            if len(begun) == 3:
                raise asyncio.CancelledError

        with caplog.at_level(logging.WARNING), pytest.raises(asyncio.CancelledError):
            asyncio.run(keep("the work", ends))

        assert len(begun) == 3
        assert "the work: ended" in caplog.text


def test_an_error_that_was_never_raised_has_no_line():
    assert where(ValueError("Lamiang")) == "ValueError"

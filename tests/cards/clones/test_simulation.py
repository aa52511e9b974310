"""A small province from a seed, judged by the real office: what the published table promises."""

import pytest

from benchmarks.clones_drive import Drive, Result, hand_out
from sandbox.clones.assumptions import Assumptions
from sandbox.clones.plan import Place
from sandbox.clones.province import Province
from tests.cards.conftest import VILLAGES

#: Three villages within one place (`APART_M`), so that distance finds nothing by chance.
PLACES = [Place(code, -2.21 - 0.01 * n, 113.92) for n, code in enumerate(VILLAGES)]
GIVEN = Assumptions(
    seed=7, families_a_phone=30, families_a_day=15, attacks=10, cards_held=12, evening_sync=0.6
)


@pytest.fixture
def result(family, keys, demo, budi, noon) -> Result:
    for n in range(120):
        family(VILLAGES[n // 40])
    cards = hand_out(actor=budi, at=noon)
    start = noon.replace(hour=17)  # midnight in the province
    return Drive(Province(GIVEN, cards, PLACES, start=start), actor=budi).run()


def of(result: Result, kind: str, field: str) -> int:
    return sum(getattr(row, field) for row in result.counted() if row.kind == kind)


def test_what_the_published_table_promises(result):
    tried = GIVEN.attacks

    # A photocopy is never green, and where a phone reads chips it costs a photo and a reason.
    assert of(result, "photocopy", "green") == 0
    assert of(result, "photocopy", "tried") == tried
    # A recorded tap that passed at a phone which had not heard of it is found when it is told.
    assert of(result, "recorded", "never") == 0
    assert of(result, "recorded", "stopped") + of(result, "recorded", "found") == tried
    # One recorded address never makes two rising taps.
    assert of(result, "magic_tag", "green") == of(result, "harvested_one", "green") == 0
    # Readings kept in silence pass while the phone has seen nothing higher: some are never found.
    assert of(result, "harvested_several", "green") > 0
    # Nobody can see a relay or a lent card: whoever reads this table must know.
    assert of(result, "relay", "never") == of(result, "lent", "never") == tried
    # A companion who goes through the cards that he holds is seen by his pace.
    assert of(result, "holds_cards", "never") == 0
    # Honest families, clocks and days: not one is accused.
    assert result.honest > 300
    assert not result.false_alarms

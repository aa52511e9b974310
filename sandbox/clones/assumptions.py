"""What the simulated province is like. Each figure is an assumption: no field trial gave it (U)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Shares are of one; times in hours or days where the name says so."""

    seed: int = 1
    #: Two cycles, three weeks apart; each family comes once in each.
    cycle_days: int = 21
    #: A facilitator's phone serves so many families, so many a day.
    families_a_phone: int = 100
    families_a_day: int = 25
    #: Phones that read chips.
    nfc: float = 0.55
    #: Days on which a phone has a signal where it works.
    online_day: float = 0.25
    #: Evenings on which a phone without a signal by day finds one; else it waits, for days.
    evening_sync: float = 0.45
    sync_days_max: int = 9
    #: Phones whose clock is set wrong by hand, by up to so many days, and stays so.
    clock_wrong: float = 0.03
    clock_wrong_days: float = 7.0
    #: Phones whose wrong clock is put right just before they send: nobody can measure it.
    clock_mended: float = 0.003
    #: Batches that come by courier or file: nobody measures their clock either.
    courier: float = 0.03
    #: Chips that answer no more, and visits where one tap was all there was time for.
    dead_chip: float = 0.004
    one_tap: float = 0.01
    #: Readings that the phone's browser burns beside the one that it shows, at most.
    burst_max: int = 3
    #: Readings at home between two visits (the public page): mostly few, seldom very many.
    home_taps_max: int = 6
    home_taps_many: float = 0.005
    #: Online answers that are lost, so that the same tap is sent again within a minute.
    lost_answer: float = 0.02
    #: Families that come to another village's phone for the second cycle.
    travels: float = 0.02
    #: Cards replaced between the cycles, and families that then bring the old one.
    replaced: float = 0.01
    brings_old: float = 0.1
    #: Attacks of each kind.
    attacks: int = 150
    #: Companions who, asked for a second tap that does not come, settle for one (photo, reason).
    settles_for_one: float = 0.2
    #: Cards that a dishonest companion goes through in one evening, and how fast.
    cards_held: int = 15
    held_gap_s: float = 18.0


WINDOW = 128

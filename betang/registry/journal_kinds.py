"""What the journal may say of the registry."""

KINDS: dict[str, str] = {
    "household.geotagged": (
        "The home point of a household was recorded; facts: grade, accuracy_m, source."
    ),
    "household.dwelling_told": (
        "How a household lives, or its landmark, was told; facts: dwelling."
    ),
    "follow_up.opened": (
        "The field left something about a household for the office to do; facts: about."
    ),
    "follow_up.closed": "It was done, or a home point arrived; facts: about, how.",
    "registration.numbers_leased": (
        "A device was given provisional registration numbers; facts: count."
    ),
    "household.proposed": (
        "A family was registered in the field; facts: provisional, number (own, again, foreign), "
        "event."
    ),
    "registration.accepted": (
        "A family registered in the field was put into the registry; facts: provisional, household."
    ),
    "registration.refused": (
        "A family registered in the field was refused; facts: provisional, reason."
    ),
    "registration.known": (
        "A family registered in the field is one of the registry; facts: provisional, household."
    ),
    "members.presence_changed": (
        "Members were reported alive, deceased or moved; facts: count, changed."
    ),
}

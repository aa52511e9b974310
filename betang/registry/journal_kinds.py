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
    "portrait.taken": (
        "A household's portrait was taken with its consent; facts: source (visit, registration)."
    ),
    "portrait.not_consented": (
        "A photo was marked as a portrait without the household's consent: it became none; "
        "facts: device."
    ),
    "portrait.kept": (
        "A portrait was made small and stands for its household; facts: bytes, replaced."
    ),
    "portrait.unreadable": "The photo of a portrait is no picture; facts: why.",
    "portrait.rejected": (
        "An office rejected a household's portrait, and it was erased; facts: reason."
    ),
    "portrait.ended": (
        "A portrait was erased: a newer one stands, the household left, or its consent was "
        "withdrawn; facts: why."
    ),
}

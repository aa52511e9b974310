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
    "members.presence_changed": (
        "Members were reported alive, deceased or moved; facts: count, changed."
    ),
}

"""What the journal may say of the registry."""

KINDS: dict[str, str] = {
    "household.geotagged": (
        "The home point of a household was recorded; facts: grade, accuracy_m, source."
    ),
    "household.dwelling_told": (
        "How a household lives, or its landmark, was told; facts: dwelling."
    ),
    "members.presence_changed": (
        "Members were reported alive, deceased or moved; facts: count, changed."
    ),
}

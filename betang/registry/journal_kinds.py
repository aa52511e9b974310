"""What the journal may say of the registry."""

KINDS: dict[str, str] = {
    "household.geotagged": (
        "The home point of a household was recorded; facts: grade, accuracy_m, source."
    ),
    "households.geotagged": "Home points were recorded in bulk; facts: count, digest.",
    "member.presence_changed": (
        "A member was reported alive, deceased or moved; facts: presence, household."
    ),
}

"""What the journal may say of intake. Facts are counts, digests and identifiers only."""

KINDS: dict[str, str] = {
    "batch.staged": (
        "A list was read and checked; facts: list_kind, rows, held, warned, sha256 of the file."
    ),
    "batch.accepted": (
        "A second person accepted a list; facts: list_kind, households_new, households_changed, "
        "members_new, members_changed, unchanged, digest."
    ),
    "batch.rejected": "A list was turned away; facts: list_kind, rows.",
}

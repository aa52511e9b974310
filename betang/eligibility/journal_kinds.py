"""The kinds of journal entries that this room records."""

KINDS: dict[str, str] = {
    "run.assessed": (
        "All known households were judged by one rule set. Facts: rule_set (uuid), rules_digest, "
        "count, eligible, not_eligible, unknown, digest (SHA-256 over the rows)."
    ),
    "decree.proposed": (
        "A decree (SK) over the result of a run was proposed for an area. Facts: run (uuid), "
        "count (households on it), digest (SHA-256 over the list)."
    ),
    "decree.approved": (
        "A second person approved a decree; enrolment followed. Facts: run (uuid), programme "
        "(uuid), count (households on it), entered, left, stayed, undecided, digest."
    ),
}

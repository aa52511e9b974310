"""The kinds of journal entries that this room records."""

KINDS: dict[str, str] = {
    "run.assessed": (
        "All known households were judged by one rule set. Facts: rule_set (uuid), rules_digest, "
        "count, eligible, not_eligible, unknown, digest (SHA-256 over the rows), cycle (its code; "
        "empty where none was named)."
    ),
    "run.emptied": (
        "The rows of an old run, on which no decree rests, are taken away from now on; the run, "
        "its counts and its digest stay. Facts: count (rows), digest, days (the setting)."
    ),
    "decree.proposed": (
        "A decree (SK) over the result of a run was proposed for an area. Facts: run (uuid), "
        "count (households on it), digest (SHA-256 over the list)."
    ),
    "decree.withdrawn": (
        "A proposed decree was taken back before anybody approved it. Facts: run (uuid), count."
    ),
    "decree.approved": (
        "A second person approved a decree; enrolment followed. Facts: run (uuid), programme "
        "(uuid), count (households on it), entered, left, stayed, undecided, digest."
    ),
}

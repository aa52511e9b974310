"""The kinds of journal entries that this room records."""

KINDS: dict[str, str] = {
    "programme.created": "A programme was set up. Facts: code, benefits (number of them).",
    "cycle.planned": "A cycle of a programme was planned. Facts: programme, cycle (its code).",
    "ruleset.proposed": (
        "A rule set was proposed. Facts: programme, digest (SHA-256 of its text), valid_from, "
        "indicators (number of them)."
    ),
    "ruleset.approved": (
        "A second person approved a rule set; it can be used for judging and never changes again. "
        "Facts: programme, digest, valid_from."
    ),
    "ruleset.withdrawn": (
        "A proposed rule set was taken back before anybody approved it. Facts: programme, digest."
    ),
}

"""What grievances write into the journal."""

KINDS = {
    "case.opened": "A case was opened; facts: case_kind, about (the subject's uuid).",
    "case.assigned": "A case was put into a person's hands; facts: person.",
    "case.noted": "A note was added to a case; the text itself is sealed.",
    "case.proposed": "A decision that takes two persons was proposed; facts: outcome.",
    "case.returned": "A second person sent a proposed decision back; facts: outcome.",
    "case.resolved": (
        "A case was decided; facts: outcome, and second_person where it takes two persons."
    ),
}

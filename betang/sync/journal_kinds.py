"""What sync records in the journal (the acts it calls record the rest)."""

KINDS = {
    "event.parked": (
        "An event made the database fail; it is kept and tried again. Facts: device, seq, type."
    ),
    "event.waiting": (
        "Events of a frozen, suspended or revoked device wait for a supervisor. "
        "Facts: device, code, count."
    ),
    "event.malformed": "An authentic event could not be understood. Facts: device, seq, code.",
    "event.released": (
        "Two persons let events be applied that waited because their device was not active. "
        "Facts: device, count, reason_length, second_person."
    ),
    "gap.closed": (
        "Two persons gave up events that will never come. "
        "Facts: device, from_seq, to_seq, reason_length, second_person."
    ),
    "household.visited": "A family was visited. Facts: outcome, device.",
    "household.proposed": "A family was registered in the field. Facts: provisional, device.",
    "card.not_handed_over": "A card could not be handed over. Facts: card, reason, device.",
    "problem.reported": "A device reported a problem. Facts: code, device.",
}

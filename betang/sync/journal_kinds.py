"""What sync records in the journal (the acts it calls record the rest)."""

KINDS = {
    "courier.taken": (
        "A device's records came in a file that somebody carried. Facts: device, events, new."
    ),
    "courier.photos_taken": (
        "A device's photos came in a file that somebody carried. Facts: device, photos, new."
    ),
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
    "event.refused": (
        "Two persons said that events which waited, or were parked, will not be applied. "
        "Facts: device, branch, count, reason_length, second_person."
    ),
    "branch.released": (
        "Two persons let the second branch of a fork be applied. "
        "Facts: device, count, reason_length, second_person."
    ),
    "branch.reversed": (
        "Two persons took back what the first branch of a fork had delivered. "
        "Facts: device, from_seq, count, reversed, reason_length, second_person."
    ),
    "proposal.made": "An act about a device's chain was proposed. Facts: device, act.",
    "proposal.returned": "A proposed act about a device's chain was sent back. Facts: device, act.",
    "gap.closed": (
        "Two persons gave up events that will never come. "
        "Facts: device, from_seq, to_seq, reason_length, second_person."
    ),
    "household.visited": (
        "A family was visited. Facts: outcome, device; to_village, left_province or successor "
        "(a member) where they were told."
    ),
    "benefit.not_delivered": (
        "A right was not delivered, by the family's will or the companion's; it stays due. "
        "Facts: reason, device."
    ),
    "card.not_handed_over": "A card could not be handed over. Facts: card, reason, device.",
    "problem.reported": "A device reported a problem. Facts: code, device.",
}

"""What `cards` records in the journal."""

KINDS: dict[str, str] = {
    "cards.issued": "Cards were issued in one run: count, rows_sha256.",
    "card.issued": "One card was issued, a replacement for instance: number, issue.",
    "cards.printed": "A print run was drawn and read back: count, rows_sha256, checked, left_out.",
    "cards.received": "Cards of a print run came into custody: count.",
    "cards.entrusted": "Cards were entrusted to a device for handing over: count, device.",
    "cards.taken_back": "Cards that a device still held came back into stock: count.",
    "card.handed_over": "A card was handed to its household: number, device (none: the office).",
    "card.presented": "A card was tapped online: number, colour, reason, counter, device.",
    "card.copied": "A copied card was refused: number, reason (replay, forgery, swap), counter.",
    "card.blocked": "A card was blocked: number, reason.",
    "card.replaced": "A card was replaced by the next issue: number, by.",
    "card.returned": "A card came back from the field: number.",
    "revocations.published": "A revocation list was signed: seq, count.",
}

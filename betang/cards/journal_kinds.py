"""What `cards` records in the journal."""

KINDS: dict[str, str] = {
    "cards.issued": "Cards were issued in one run: count, rows_sha256.",
    "card.issued": "One card was issued, a replacement for instance: number, issue.",
    "cards.printed": "A print run was rendered and checked: count, rows_sha256, file_sha256.",
    "cards.received": "Cards of a print run came into custody: count.",
    "cards.entrusted": "Cards were entrusted to a device for handing over: count, device.",
    "card.handed_over": "A card was handed to its household: number.",
    "card.presented": "A card was shown to staff or a device: number, colour, reason.",
    "card.copied": "A replayed or copied card was shown and refused: number, reason, counter.",
    "card.blocked": "A card was blocked: number, reason.",
    "card.replaced": "A card was replaced by the next issue: number, by.",
    "card.returned": "A card came back from the field: number.",
    "revocations.published": "A revocation list was signed: seq, count.",
}

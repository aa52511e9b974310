"""What `cards` records in the journal."""

KINDS: dict[str, str] = {
    "cards.issued": "Cards were issued in one run: count, rows_sha256.",
    "cards.reissue_proposed": (
        "It was proposed to issue anew all live cards of a key: kid or key_version, count."
    ),
    "cards.reissued": (
        "All live cards of a key were issued anew, confirmed by a second person: kid or "
        "key_version, count, ended, ordered, rows_sha256."
    ),
    "card.issued": "One card was issued, a replacement for instance: number, issue.",
    "cards.printed": "A print run was drawn and read back: count, rows_sha256, checked, left_out.",
    "print.frozen": ("A print run was frozen: area, count, left_out, rows_sha256, design."),
    "print.drawn": "A frozen run was drawn and read back: area, count, checked, parts.",
    "print.cancelled": "A run was cancelled before it left; its cards wait again: count.",
    "print.chips": "The bureau's stock of blank chips was listed for a run: count, sha256.",
    "print.released": (
        "A run left for the bureau as an encrypted package, by a second person: bureau, count, "
        "chips, manifest_sha256, package_sha256."
    ),
    "print.fetched": "Somebody fetched a run's sealed package or its sealed transport key: file.",
    "print.returned": (
        "A return file of the bureau was taken: sha256, count, ok, spoilt, again, held, missing."
    ),
    "print.closed": "A run was closed though the bureau owes cards: missing.",
    "bureau.proposed": "A print bureau and its key were proposed: recipient.",
    "bureau.approved": "A second person approved a bureau and its key: recipient.",
    "bureau.ended": "A bureau gets no more packages: recipient.",
    "cards.received": "Cards came from the bureau into stock: count, numbers_sha256.",
    "cards.entrusted": "Cards were entrusted to a device (subject): count, transfer.",
    "cards.taken_back": "What a device (subject) still held came into stock: count, transfer.",
    "cards.sent": (
        "A parcel of cards left one office for another: count, numbers_sha256, sender, receiver."
    ),
    "cards.counted": "A parcel was counted at its end: count, missing, extra, reason.",
    "cards.recalled": "A parcel was taken back before it was counted: count.",
    "cards.missing_settled": "Missing cards were found, or blocked as lost: count, found.",
    "cards.book_differs": "The book of cards and the cards themselves differ: count (places).",
    "card.handed_over": "A card was handed to its household: number, device (none: the office).",
    "card.presented": "A card was tapped online: number, colour, reason, counter, device.",
    "cards.presented": "A device told at sync of cards that it was shown: count, heard_at.",
    "card.copied": "A copied card was refused: number, reason (replay, forgery, swap), counter.",
    "card.blocked": "A card was blocked: number, reason.",
    "card.replaced": "A card was replaced by the next issue: number, by.",
    "card.returned": "A card could not be handed over and came back: number, reason.",
    "card.spoilt": "A card was spoilt before its hand-over: number, reason.",
    "card.found": "A card that was lost or out of use was brought to an office: number.",
    "cards.session_opened": "A day of handing over cards began: count, device, invited.",
    "cards.session_closed": "It was closed: handed_over, brought_back, ended, lost.",
    "cards.taken_over": "A list of cards of a running programme was taken over: rows, count.",
    "cards.upgraded": "Taken-over cards gave way to ours: count.",
    "card.visit_opened": "A family came for a new card: number, by, reason, checked.",
    "card.visit_done": "The new card was handed over in the visit: number.",
    "card.visit_left": "A visit ended without a hand-over: number.",
    "card.made": "One card was printed at an office from blank stock: number.",
    "card.suspected": (
        "A rule saw something wrong about a card: rule, number, first, second (presentations), "
        "device, blocked_reason."
    ),
    "device.suspected": "A rule saw something wrong about a device's day: rule, day, and counts.",
    "investigation.opened": "An investigation of a card was opened: number, cause.",
    "investigation.closed": "An investigation of a card was closed: number, finding.",
    "design.begun": "A draft of a card design was begun: name, based_on.",
    "design.proposed": "A card design was proposed: name, digest.",
    "design.approved": "A second person approved a card design: name, digest.",
    "design.returned": "A proposed card design became a draft again: name.",
    "design.retired": "A card design is printed no more in new runs: name.",
    "design.discarded": "A draft of a card design was thrown away: name.",
    "design.picture_kept": "A logo was uploaded and written anew: sha256, form, bytes.",
    "design.tested": "A test page of a card design was made: name.",
    "chips.session_started": "Cards were put in order for a chip station: count, key_version.",
    "chips.session_confirmed": "A second person let a session of a chip station begin.",
    "chips.session_ended": "A session of a chip station was closed: done, of.",
    "card.personalised": (
        "A card's chip got its keys and was read back: number, uid, key_version, counter."
    ),
    "chip.given_up": "A half-written chip was given up; its card takes another: number, uid.",
    "revocations.published": "A revocation list was signed: seq, count.",
}

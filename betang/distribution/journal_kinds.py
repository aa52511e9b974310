"""What distribution records in the journal."""

KINDS = {
    "leases.signed_anew": "Live leases of a revoked lease key were signed by the next: count.",
    "cycle.opened": (
        "A cycle was opened: each enrolled household got its entitlements. "
        "Facts: cycle, entitlements, hand, bank, villages, digest."
    ),
    "lease.granted": (
        "Rights were leased to a device, which alone may deliver them. "
        "Facts: device, cycle, rights, not_after."
    ),
    "lease.closed": (
        "A device gave its lease back by a signed event. Facts: device, rights, last_seq."
    ),
    "lease.revoked": "A lease was taken back in the office. Facts: device, rights, reason.",
    "lease.move_proposed": (
        "One person wants a lease moved to another device. Facts: device, to_device."
    ),
    "lease.move_returned": "A proposed move was sent back. Facts: device, to_device.",
    "lease.moved": (
        "Two persons moved what a lease still held to another device; later claims of the first "
        "are contested. Facts: device, to_device, rights, to_lease, second_person."
    ),
    "lease.transferred": (
        "A device handed rights of its lease to another without a network; later claims of the "
        "first on them are contested. Facts: device, to_device, named, rights, to_lease, told_by."
    ),
    "lease.taken_over": (
        "A device holds rights that another handed to it without a network. "
        "Facts: device, from_device, from_lease, rights, not_after."
    ),
    "lease.transfer_signed": (
        "The other of the two devices told of a transfer too: both have signed it. "
        "Facts: device, to_device, told_by."
    ),
    "right.overridden": (
        "Two persons freed a right that a device still holds; its later claim is contested. "
        "Facts: entitlement, from_device, to_device, reason, second_person."
    ),
    "right.reserved": "A device took one right online. Facts: entitlement, until.",
    "benefit.delivered": (
        "A benefit was put into the hands of its family, and counts. "
        "Facts: delivery, part, online, collector, colour, device, receipt; source and mark where "
        "it was typed in from paper, less where less was given than is due."
    ),
    "delivery.contested": (
        "A device says it delivered what was not its to deliver (any more): not counted, a case. "
        "Facts: delivery, code, device, receipt."
    ),
    "claim.refused": "A claim could not stand at all. Facts: code, device, seq.",
    "lease.renewed": "A lease was made longer. Facts: device, not_after.",
    "delivery.counted": (
        "Two persons let a delivery count that was contested or waited. "
        "Facts: delivery, code, receipt, second_person."
    ),
    "delivery.refused": (
        "A contested delivery will not count: decided. Facts: delivery, code, receipt."
    ),
    "delivery.reversed": (
        "Two persons took a delivery back that had counted; its right is open again. "
        "Facts: delivery, code, receipt, second_person."
    ),
    "stock.received": "Goods arrived at a village's point. Facts: item, quantity, short, unit.",
    "stock.counted": "Goods at a village's point were counted. Facts: item, quantity, unit.",
    "days.planned": (
        "Days at points were planned and families invited, in one act. "
        "Facts: cycle, days, invitations, points, digest."
    ),
    "day.moved": (
        "A day was moved to another date, point or time. Facts: from_on, to_on, reason, point."
    ),
    "day.cancelled": (
        "A day was cancelled; its families are invited nowhere. Facts: reason, invitations."
    ),
    "family.invited": (
        "A family was given a place in another day. Facts: day, queue, from_day, mode."
    ),
    "family.mode_changed": "A family is served at its home, or again at the point. Facts: mode.",
    "household.needs_home": (
        "A family cannot come to the point; why stands not here. Facts: device."
    ),
    "day.opened": "A device opened its part of a day. Facts: device.",
    "day.opened_though_cancelled": (
        "A device opened a day that the office had cancelled. Facts: device."
    ),
    "day.closed": (
        "A device closed its part of a day: what it told, and its deliveries that count. "
        "Facts: device, served, absent, counted."
    ),
    "day.differs": (
        "A device told another number of families served than its deliveries that count. "
        "Facts: device, served, counted."
    ),
    "day.printed": (
        "A person opened the roster, the slips or the BAST of a day for printing. "
        "Facts: paper, count."
    ),
}

"""What accounts records in the journal."""

KINDS = {
    "user.created": "An account was made for a person. Facts: accounts (where it is not the first "
    "of this person).",
    "user.nik_named": "The NIK of the human behind an account was named. Facts: none.",
    "user.recovery_asked": "A supervisor asked to recover an account that approves or administers; "
    "a second person confirms within a day. Facts: recovery.",
    "user.recovered": "An account was given a new password, by one person or by two. Facts: "
    "second_factor (it was taken away as well), recovery (what the first of two asked for).",
    "user.closed": "An account was closed. Facts: none.",
    "role.proposed": "Somebody proposed a role for an account. Facts: role.",
    "role.granted": "A second person granted the role. Facts: role.",
    "role.ended": "A role ended. Facts: role.",
    "device.code_issued": "A single-use enrolment code was made for a facilitator. Facts: none.",
    "device.enrolled": "A phone presented its key and waits for confirmation. Facts: short_id.",
    "device.confirmed": "An administrator confirmed the phone's six words. Facts: short_id.",
    "device.nfc_changed": (
        "A phone says otherwise than at its enrolment whether it reads chips; what was enrolled "
        "stands. Facts: short_id, has_nfc (what was enrolled)."
    ),
    "device.suspended": "A device may not claim for now. Facts: short_id, reason.",
    "device.reinstated": "A suspended device may work again. Facts: short_id.",
    "device.assigned": "The areas of a device were replaced. Facts: short_id.",
    "device.revoked": "A device may never claim again. Facts: short_id, reason.",
    "device.wipe_ordered": (
        "A device is to destroy the families' data at its next contact, never its unsent events. "
        "Facts: short_id."
    ),
    "device.wiped": (
        "A device said that it destroyed the families' data. Facts: short_id, unsent (events that "
        "it still keeps, sealed; null: it did not say)."
    ),
    "device.frozen": "A device's chain forked: cloned or restored. Facts: short_id, seq.",
}

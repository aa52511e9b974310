"""What payments write into the journal."""

KINDS = {
    "accounts.requested": (
        "The file that asks the bank for accounts was taken from the page; facts: count."
    ),
    "accounts.staged": (
        "The bank's account file was read and waits for a second person; "
        "facts: sha256, opened, changed, same, refused."
    ),
    "accounts.rejected": "A second person turned the bank's account file down; facts: sha256.",
    "accounts.loaded": (
        "Bank accounts were taken over from a file; facts: run, opened, same, refused, digest."
    ),
    "accounts.checked": (
        "The bank was asked for the holders' names; facts: run, verified, failed, unknown."
    ),
    "order.prepared": "A payment order was prepared; facts: cycle, count, total_rupiah, digest.",
    "order.approved": "A second person approved a payment order; facts: count, total_rupiah.",
    "disbursement.sent": (
        "Disbursements were handed to the sender, before the bank was called; "
        "facts: count, total_rupiah, digest."
    ),
    "disbursement.paid": (
        "The bank paid one disbursement; facts: reference, amount_rupiah, answer."
    ),
    "disbursement.failed": "The bank refused one disbursement; facts: reference, answer.",
    "disbursement.reconciled": (
        "Disbursements were compared with the bank's statement; "
        "facts: lines, matched, missing, unexpected, different, settled, digest."
    ),
    "disbursement.mismatched": (
        "One disbursement or one statement line does not fit the other side; "
        "facts: result (missing, different, unexpected, not_open), amount_rupiah, booked_rupiah."
    ),
}

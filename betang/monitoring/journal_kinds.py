"""What monitoring records in the journal."""

KINDS = {
    "alert.opened": "Something needs a person's eye. Facts: alert, severity.",
    "alert.closed": "A person dealt with an alert; the reason is on the alert. Facts: alert.",
}

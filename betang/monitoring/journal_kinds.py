"""What monitoring records in the journal."""

KINDS = {
    "alert.opened": "Something needs a person's eye. Facts: alert, severity.",
    "cycle.closed": "A cycle was closed: nothing is due in it any more. Facts: cycle.",
    "household.looked": "A person opened the page of a family. Facts: none.",
    "households.exported": "A person took a list of families out as a file. Facts: count.",
    "alert.closed": "A person dealt with an alert; the reason is on the alert. Facts: alert.",
}

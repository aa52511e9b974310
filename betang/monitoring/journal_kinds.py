"""What monitoring records in the journal."""

KINDS = {
    "alert.opened": "Something needs a person's eye. Facts: alert, severity.",
    "cycle.closed": "A cycle was closed: nothing is due in it any more. Facts: cycle.",
    "household.looked": (
        "A person opened a page that shows a family. Facts: page (household, card or case)."
    ),
    "registration.looked": "A person saw what was told of a family registered in the field.",
    "households.listed": (
        "A person saw the names of families on a page of a list. Facts: count, searched."
    ),
    "households.exported": (
        "A person took a list of families out as a file; told before the first row leaves. "
        "Facts: count."
    ),
    "findings.exported": (
        "A person took the findings about an incoming list out as a file. Facts: count."
    ),
    "alert.closed": "A person dealt with an alert; the reason is on the alert. Facts: alert.",
}

"""What the ledger writes into the journal."""

KINDS = {
    "chart.opened": "Accounts were added to the chart of accounts; Facts: count.",
}

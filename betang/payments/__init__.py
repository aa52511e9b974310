"""Money through the bank: accounts, orders, disbursements, bank messages, reconciliation."""

"""What needs a person's eye: alerts, made from journal entries and from silence."""

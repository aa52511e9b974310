"""Stand-ins for what is not ours: they speak the real protocols and know nothing of the inside."""

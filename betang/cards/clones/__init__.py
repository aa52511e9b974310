"""Copied cards: what looks wrong about a card or a day, and what a person makes of it."""

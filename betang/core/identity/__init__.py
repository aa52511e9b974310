"""Numbers that name a person, a family, a place or a card, and what each of them proves."""

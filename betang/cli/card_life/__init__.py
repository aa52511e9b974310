"""The commands of `betang cards`, one module a part of the card's life."""

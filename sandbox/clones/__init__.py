"""A province in which cards are used honestly, and copied: what phones then tell, from a seed."""

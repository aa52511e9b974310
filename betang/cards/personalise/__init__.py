"""Writing our keys and our file into the chips of cards, at a station with a reader."""

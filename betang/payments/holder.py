"""Whether the bank's holder is ours: names compared as a teller would, and no further."""

import unicodedata


def plain_name(name: str) -> str:
    """Write a name in capitals, without marks, accents or double spaces.

    `M. Nur'aini` becomes `M NURAINI`. Marks differ between Dukcapil and bank without meaning
    anything; letters that differ do mean something, and are for a person to settle.
    """
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).upper())
    words = "".join(
        letter if letter.isalnum() or letter.isspace() else "." if letter in ".,-/" else ""
        for letter in bare
        if not unicodedata.combining(letter)
    )
    return " ".join(words.replace(".", " ").split())


def is_same_holder(ours: str, banks: str) -> bool:
    """Compare two names by what `plain_name` leaves; an empty one matches nothing."""
    return plain_name(ours) == plain_name(banks) != ""

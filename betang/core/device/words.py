"""The six words of a key: proquints, which people can read to each other over a bad line.

Source: "A Proposal for Proquints" (Wilkerson, 2009); docs/protocols/device.md, section 4. Six words
are 96 bits: nobody finds a second key with the same words.
"""

CONSONANTS = "bdfghjklmnprstvz"
VOWELS = "aiou"
WORDS = 6


def six_words(thumbprint: bytes) -> list[str]:
    """Write the first 12 bytes of a key's thumbprint as six pronounceable words."""
    return [_word(int.from_bytes(thumbprint[at : at + 2], "big")) for at in range(0, 2 * WORDS, 2)]


def _word(value: int) -> str:
    return (
        CONSONANTS[value >> 12 & 15]
        + VOWELS[value >> 10 & 3]
        + CONSONANTS[value >> 6 & 15]
        + VOWELS[value >> 4 & 3]
        + CONSONANTS[value & 15]
    )

"""A device's short id: eight Crockford characters, printed on receipts."""

import re
import secrets

#: Crockford's base 32: without I, L, O and U, which are misread or unwelcome.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
FORM = re.compile(r"[0-9A-HJKMNP-TV-Z]{8}")


def new_short_id() -> str:
    """Make a random short id (40 bits); the register refuses one that is taken."""
    return "".join(secrets.choice(ALPHABET) for _ in range(8))

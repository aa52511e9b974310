"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id with OWASP's first recommended set: 19 MiB, two passes, one lane.

    Django's default (100 MiB, eight lanes) lets a handful of sign-ins at once push a small server
    of a Dinas into swap; this set costs an attacker the same on the hardware that attackers use
    (OWASP Password Storage Cheat Sheet). Old hashes stay valid and are renewed at sign-in.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

"""Making an installation's keys, once."""

from datetime import datetime
from hashlib import sha256

from django.conf import settings

from betang.core.actor import Actor
from betang.core.crypto.keyring import Purpose
from betang.core.errors import RefusedError
from betang.core.identifiers import new_uuid
from betang.journal.record import record
from betang.keys import chip_master, keyfile, place, ring
from betang.keys.backend import backend
from betang.keys.models import DataKey


class AnotherKeyFileError(RefusedError):
    """The values of this database were sealed with another key file."""

    code = "keys.another_file"
    sentence = "Berkas kunci ini bukan pasangan basis data ini."
    do = "Kembalikan berkas kunci yang benar dari cadangan; jangan membuat yang baru."


def init(*, actor: Actor, at: datetime, cost: int = keyfile.COST_STRONG) -> bool:
    """Make the key file where there is none, and publish its ring; say whether it was made.

    Raises `AnotherKeyFileError` if the database was sealed with other keys: making new ones would
    leave every NIK in it unreadable.
    """
    made = not place.key_path().exists()
    if made and DataKey.objects.exists():
        raise AnotherKeyFileError
    if made:
        keyfile.create(
            place.key_path(),
            place.opening_passphrase(),
            at=at,
            cost=cost,
            purposes=() if settings.HSM_MODULE else tuple(Purpose),
            chip_master=not (settings.DEMO or settings.HSM_MODULE),
        )
    if settings.HSM_MODULE:
        from betang.keys import hsm  # noqa: PLC0415 - PKCS#11 is loaded only where it is used

        hsm.token().make_keys(at=at)
    if settings.DEMO:
        chip_master.make_test_master()
    register_data_keys(at=at)
    published = ring.publish(actor=actor, at=at)
    if made:
        record("keys.initialised", new_uuid(), actor=actor, at=at, published=published)
    return made


def register_data_keys(*, at: datetime) -> None:
    """Note fingerprints of data keys and chip masters; raises `AnotherKeyFileError` if others."""
    prints = {
        key: sha256(b"betang/fingerprint/" + secret).digest()[:8]
        for key, secret in place.opened().data.items()
    }
    holder = backend()
    for version in holder.chip_versions():
        (derived,) = holder.diversify(version, [b"betang/fingerprint"])
        prints[keyfile.CHIP_MASTER, version] = sha256(derived).digest()[:8]
    for (purpose, version), fingerprint in prints.items():
        row, _ = DataKey.objects.get_or_create(
            purpose=purpose,
            version=version,
            defaults={"fingerprint": fingerprint, "made_at": at},
        )
        if bytes(row.fingerprint) != fingerprint:
            raise AnotherKeyFileError

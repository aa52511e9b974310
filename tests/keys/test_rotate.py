"""Rotation: who may not, what stays readable, what phones can still trust; and the drill."""

import json
import time
from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from betang.core.crypto.keyring import KeyState, NotTrustedError, Purpose
from betang.core.crypto.sealing import seal_to
from betang.core.crypto.signing import load_public_key
from betang.journal.models import Entry
from betang.keys import (
    blobs,
    chip_master,
    init,
    keyfile,
    place,
    ring,
    rotate,
    seal_key,
    sealing,
    signer,
)
from betang.keys.backend import backend
from betang.keys.models import DataKey, KeyChange, RingKey

WEAK = {"cost": keyfile.COST_TESTS}


@pytest.fixture
def own(db, settings, tmp_path, budi, noon):
    """A key file of this test's own: a rotation changes it."""
    settings.VAR = tmp_path / "var"
    DataKey.objects.all().delete()
    RingKey.objects.all().delete()
    init.init(actor=budi, at=noon, **WEAK)


def turn(purpose, budi, wati, at):
    return rotate.approve(rotate.propose(purpose, actor=budi, at=at).uuid, actor=wati, at=at)


class TestIsRefused:
    def test_to_one_person_alone(self, own, budi, noon):
        change = rotate.propose("card", actor=budi, at=noon)

        with pytest.raises(rotate.RotationSamePersonError):
            rotate.approve(change.uuid, actor=budi, at=noon)
        with pytest.raises(IntegrityError, match="two_persons"), transaction.atomic():
            KeyChange.objects.update(
                approved_at=noon, approved_by_person=budi.person, version=2
            )  # nor does the database let it through

    def test_for_what_has_no_key_or_an_index(self, own, budi, noon):
        for purpose in ("bread", "data-blind"):
            with pytest.raises(rotate.NotRotatedError):
                rotate.propose(purpose, actor=budi, at=noon)

    def test_twice_at_once_and_unknown(self, own, budi, wati, noon):
        change = rotate.propose("card", actor=budi, at=noon)
        with pytest.raises(rotate.RotationOpenError):
            rotate.propose("card", actor=wati, at=noon)
        rotate.approve(change.uuid, actor=wati, at=noon)

        with pytest.raises(rotate.NoRotationError):
            rotate.approve(change.uuid, actor=wati, at=noon)

    def test_of_ring_and_enrolment_key_within_one_overlap(self, own, budi, wati, noon):
        turn("ring", budi, wati, noon)
        change = rotate.propose("enrolment", actor=budi, at=noon)

        with pytest.raises(rotate.OverlapError):
            rotate.approve(change.uuid, actor=wati, at=noon + timedelta(days=89))
        rotate.approve(change.uuid, actor=wati, at=noon + timedelta(days=91))


class TestKeysOfTheRing:
    def test_the_old_one_verifies_and_signs_nothing_more(self, own, budi, wati, noon):
        old, _ = signer.current("card")

        change = turn("card", budi, wati, noon)

        assert signer.current("card")[0] == change.kid != old
        assert ring.keyring().trusted(old, Purpose.CARD).state is KeyState.RETIRED
        assert signer.writer("card")[0] == change.kid
        assert Entry.objects.get(kind="key.rotated").facts["kid"] == change.kid

    def test_a_key_that_could_not_be_published_is_used_by_the_next_approval(
        self, own, budi, wati, noon
    ):
        change = rotate.propose("card", actor=budi, at=noon)
        before = signer.current("card")
        with transaction.atomic():
            rotate.approve(change.uuid, actor=wati, at=noon)
            transaction.set_rollback(True)  # as after a crash: the key file has the key already
        assert len(backend().ring()) == len(Purpose) + 1
        assert signer.current("card") == before
        assert len(ring.public_ring()) == len(Purpose)

        rotate.approve(change.uuid, actor=wati, at=noon)

        assert len(backend().ring()) == len(Purpose) + 1
        assert signer.current("card")[1] != before[1]

    def test_what_was_sealed_to_the_old_seal_key_opens(self, own, budi, wati, noon):
        old = seal_key.public()[1]
        turn("seal", budi, wati, noon)
        new = seal_key.public()[1]

        for public in (old, new):
            sealed = seal_to(load_public_key(public), b"x", context=b"c")
            assert seal_key.unwrap(sealed, context=b"c") == b"x"
        assert old != new

    def test_phones_that_hold_the_old_ring_know_who_vouches_for_the_new(
        self, own, budi, wati, noon
    ):
        held = {key.kid: key for key in ring.public_ring()}
        turn("ring", budi, wati, noon)

        for days, known in ((0, True), (89, True), (91, False)):
            header = ring.signed_ring(at=noon + timedelta(days=days)).split(".")[0]
            kid = int(json.loads(urlsafe_b64decode(header + "=="))["kid"])
            assert (kid in held) is known
            assert ring.keyring().trusted(
                kid, Purpose.ENROLMENT if known else Purpose.RING
            )  # the phones' twin: fieldapp/tests/trust.test.ts


class TestKeysOfValues:
    def test_old_values_stay_readable_and_new_ones_use_the_newest(self, own, budi, wati, noon):
        old, old_blob = sealing.seal("6201"), blobs.store(b"foto", at=noon)
        index = sealing.blind_index("nik", "6201")

        turn("data-seal", budi, wati, noon)
        turn("data-wrap", budi, wati, noon)

        new, new_blob = sealing.seal("6202"), blobs.store(b"lain", at=noon)
        assert (old[0], new[0]) == (1, 2)
        assert (sealing.open_sealed(old), sealing.open_sealed(new)) == (b"6201", b"6202")
        assert (blobs.fetch(old_blob), blobs.fetch(new_blob)) == (b"foto", b"lain")
        assert sealing.blind_index("nik", "6201") == index
        assert DataKey.objects.filter(version=2).count() == 2

    def test_a_card_keeps_the_master_of_its_version(self, own, budi, wati, noon):
        uid = bytes.fromhex("04E141124C2880")
        before = chip_master.card_keys(uid, version=1)

        turn(keyfile.CHIP_MASTER, budi, wati, noon)

        assert chip_master.current_version() == 2
        assert chip_master.card_keys(uid, version=1) == before
        assert not set(before) & set(chip_master.card_keys(uid, version=2))

    def test_the_file_stays_private_and_whole(self, own, budi, wati, noon):
        turn(keyfile.CHIP_MASTER, budi, wati, noon)

        assert place.key_path().stat().st_mode & 0o777 == 0o600
        left = {path.name for path in place.key_path().parent.iterdir()}
        assert left == {"keyfile.json", ".keyfile.lock"}


class TestTheDrill:
    """A key is known to a thief: what turns red, what comes after, and how long it took."""

    @pytest.mark.parametrize(
        "purpose", [each.value for each in Purpose if each is not Purpose.SEAL]
    )
    def test_a_stolen_signing_key(self, own, budi, wati, noon, purpose):
        began = time.monotonic()
        old, _ = signer.current(purpose)

        ring.revoke(old, actor=budi, at=noon)
        with pytest.raises(NotTrustedError, match=r"key\.rotated_out"):
            ring.keyring().trusted(old, Purpose(purpose))
        with pytest.raises(signer.KeyOutOfUseError):
            signer.sign(purpose, b"x")
        change = turn(purpose, budi, wati, noon)

        assert signer.sign(purpose, b"x")
        assert ring.keyring().trusted(change.kid, Purpose(purpose))
        assert RingKey.objects.get(kid=old).state == "revoked"
        assert ring.signed_ring(at=noon)
        assert time.monotonic() - began < 30

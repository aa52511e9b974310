"""Keys: what opens nothing, then what opens what."""

import json
from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betang.core.card.chip import K2_FILE_READ, Tap, card_key
from betang.core.crypto.keyring import KeyState, NotTrustedError, Purpose
from betang.core.crypto.sealing import NotSealedToUsError, seal_to
from betang.core.crypto.signing import load_public_key, verifies
from betang.journal.models import Entry
from betang.keys import blobs, chip_master, init, keyfile, place, ring, seal_key, sealing, signer
from betang.keys.models import DataKey, RingKey, SealedBlob

WEAK = {"cost": keyfile.COST_TESTS}


class TestKeyFile:
    def test_is_never_overwritten(self, tmp_path):
        keyfile.create(tmp_path / "k", "a", **WEAK)

        with pytest.raises(keyfile.KeyFileExistsError):
            keyfile.create(tmp_path / "k", "a", **WEAK)

    def test_is_missed_where_it_is_missing(self, tmp_path):
        with pytest.raises(keyfile.KeyFileMissingError):
            keyfile.open_file(tmp_path / "k", "a")

    def test_that_two_processes_make_at_once_is_made_once(self, tmp_path, monkeypatch):
        keyfile.create(tmp_path / "k", "a", **WEAK)
        monkeypatch.setattr(keyfile.Path, "exists", lambda _: False)  # as the slower one saw it

        with pytest.raises(keyfile.KeyFileExistsError):
            keyfile.create(tmp_path / "k", "b", **WEAK)

    def test_knows_the_newest_version_of_a_purpose_in_any_order(self, tmp_path):
        kek = keyfile.AESGCM(bytes(32))
        older = list(keyfile._new_entries(kek, keyfile.FIRST_DAY))
        newer = [
            keyfile.new_key(kek, purpose, kid=50 + number, version=2, at=keyfile.FIRST_DAY)
            for number, purpose in enumerate(Purpose)
        ]

        for entries in (older + newer, newer + older):
            both = keyfile._opened(entries, kek)
            assert {both.newest(purpose).version for purpose in Purpose} == {2}
            assert len(both.ring) == len(both.private) + len(both.seal) == 2 * len(Purpose)

    def test_does_not_open_with_another_passphrase(self, tmp_path):
        keyfile.create(tmp_path / "k", "a", **WEAK)

        with pytest.raises(keyfile.KeyFileLockedError) as locked:
            keyfile.open_file(tmp_path / "k", "b")

        assert locked.value.__cause__ is None

    @pytest.mark.parametrize(
        "change",
        [
            lambda content: "{",
            lambda content: "[]",
            lambda content: content.replace('"purpose": "card"', '"purpose": "list"'),
            lambda content: content.replace('"n": 16', '"n": 32'),
            lambda content: content.replace('"n": 16', '"n": 17'),
            lambda content: content.replace('"salt"', '"pepper"'),
        ],
    )
    def test_does_not_open_when_it_was_altered(self, tmp_path, change):
        path = tmp_path / "k"
        keyfile.create(path, "a", **WEAK)
        path.write_text(change(path.read_text()))

        with pytest.raises(keyfile.KeyFileLockedError):
            keyfile.open_file(path, "a")

    def test_is_readable_by_its_owner_only_and_holds_no_secret_in_the_clear(self, tmp_path):
        path = tmp_path / "keys" / "k"
        opened = keyfile.create(path, "a", **WEAK)

        text = path.read_text()
        assert path.stat().st_mode & 0o777 == 0o600
        for secret in opened.data.values():
            assert secret.hex() not in text
            assert str(secret) not in repr(opened)

    def test_has_one_key_for_each_purpose(self, tmp_path):
        opened = keyfile.create(tmp_path / "k", "a", **WEAK)

        assert {key.purpose for key in opened.ring} == set(Purpose)
        assert len({key.public for key in opened.ring}) == len(Purpose)
        assert len(set(opened.data.values())) == 3


class TestPassphrase:
    def test_is_refused_in_the_data_folder(self, settings, tmp_path):
        settings.VAR = tmp_path
        settings.KEY_PASSPHRASE_FILE = str(tmp_path / "keys" / "passphrase")

        with pytest.raises(place.PassphraseBesideKeyError):
            place.passphrase()

    def test_may_lie_there_in_a_demonstration(self, settings, tmp_path):
        settings.VAR, settings.DEMO = tmp_path, True
        settings.KEY_PASSPHRASE_FILE = str(tmp_path / "passphrase")
        (tmp_path / "passphrase").write_text("abc\n")

        assert place.passphrase() == b"abc"

    @pytest.mark.parametrize("content", [None, "", "\n"])
    def test_is_missed_where_there_is_none(self, settings, tmp_path, content):
        settings.KEY_PASSPHRASE_FILE = "" if content is None else str(tmp_path / "p")
        if content is not None:
            (tmp_path / "p").write_text(content)

        with pytest.raises(place.PassphraseMissingError):
            place.passphrase()

    def test_of_a_file_that_is_not_there_is_missed(self, settings, tmp_path):
        settings.KEY_PASSPHRASE_FILE = str(tmp_path / "nowhere")

        with pytest.raises(place.PassphraseMissingError):
            place.passphrase()


class TestSealing:
    @pytest.mark.parametrize("data", [b"", b"\x01", bytes(40), b"\x01" + bytes(40)])
    def test_opens_nothing_else(self, data):
        with pytest.raises(sealing.NotSealedHereError):
            sealing.open_sealed(data)

    @given(st.lists(st.text(max_size=30), max_size=5))
    def test_opens_what_it_sealed_and_seals_nothing_twice_alike(self, values):
        sealed = sealing.seal_many(values)

        assert [sealing.open_sealed(one).decode() for one in sealed] == values
        assert len(set(sealed)) == len(values)

    def test_an_index_is_of_one_kind(self):
        nik = sealing.blind_index("nik", "6201010101900001")

        assert nik == sealing.blind_index("nik", "6201010101900001")
        assert nik != sealing.blind_index("nik", "6201010101900002")
        assert nik != sealing.blind_index("phone", "6201010101900001")
        assert len(nik) == 16
        assert b"62010101" not in nik
        with pytest.raises(AssertionError):
            sealing.blind_index("name", "x")

    def test_an_index_is_the_hmac_that_the_protocol_says(self):
        import hmac

        secret = place.opened().data["data-blind", 1]
        key = hmac.digest(secret, b"betang/blind/nik", "sha256")

        assert sealing.blind_index("nik", "7") == hmac.digest(key, b"7", "sha256")[:16]


class TestBlobs:
    def test_misses_what_is_not_there(self, db, noon):
        with pytest.raises(blobs.BlobMissingError):
            blobs.fetch(bytes(32))
        name = blobs.store(b"foto", at=noon)
        blobs._path(name).unlink()
        with pytest.raises(blobs.BlobMissingError):
            blobs.fetch(name)

    def test_does_not_open_what_was_altered_or_wrapped_by_another(self, db, noon):
        name = blobs.store(b"foto", at=noon)
        path = blobs._path(name)
        path.write_bytes(path.read_bytes()[:-1] + b"\0")
        other = blobs.store(b"lain", at=noon)
        SealedBlob.objects.filter(sha256=other).update(wrapped_key=bytes(60))

        for one in (name, other):
            with pytest.raises(blobs.BlobMissingError):
                blobs.fetch(one)

    def test_keeps_a_file_encrypted_under_the_name_of_its_ciphertext(self, db, noon):
        from hashlib import sha256

        name = blobs.store(b"isi yang rahasia", at=noon)

        kept = blobs._path(name).read_bytes()
        assert sha256(kept).digest() == name
        assert b"rahasia" not in kept
        assert blobs.fetch(name) == b"isi yang rahasia"

    def test_keeps_the_same_sealed_bytes_once(self, db, noon):
        name = blobs.store(b"foto", at=noon)
        ciphertext = blobs._path(name).read_bytes()

        assert blobs.store_sealed(ciphertext, bytes(32), at=noon) == name
        assert blobs.fetch(name) == b"foto"
        assert SealedBlob.objects.count() == 1

    def test_erasing_destroys_the_key_for_ever(self, db, budi, noon):
        name = blobs.store(b"foto", at=noon)
        copy = blobs._path(name).read_bytes()

        blobs.erase(name, actor=budi, at=noon)
        blobs.erase(name, actor=budi, at=noon)

        blobs._write(blobs._path(name), copy)  # as a backup would bring it back
        with pytest.raises(blobs.BlobErasedError):
            blobs.fetch(name)
        assert SealedBlob.objects.get().wrapped_key is None
        assert Entry.objects.filter(kind="blob.erased").count() == 1


class TestSigner:
    @pytest.mark.parametrize("state", ["revoked", "retired"])
    def test_refuses_a_key_that_the_ring_took_out_of_use(self, keys, state):
        kid, _ = signer.current("card")
        RingKey.objects.filter(kid=kid).update(state=state)

        for ask in (
            lambda: signer.sign("card", b"x"),
            lambda: signer.writer("card"),
            lambda: signer.current("card"),
        ):
            with pytest.raises(signer.KeyOutOfUseError, match=str(kid)):
                ask()
        assert signer.sign("list", b"x")

    def test_refuses_to_vouch_for_the_ring_with_a_revoked_key(self, keys, budi, noon):
        kid, _ = signer.current("ring")
        ring.revoke(kid, actor=budi, at=noon)

        with pytest.raises(signer.KeyOutOfUseError):
            ring.signed_ring(at=noon)

    def test_signs_with_a_key_that_was_not_published_yet(self, db):
        assert len(signer.sign("card", b"x")) == 64

    def test_asks_the_ring_once_for_a_run(self, keys, django_assert_num_queries):
        with django_assert_num_queries(1):
            kid, write = signer.writer("card")
            signatures = [write(bytes([n])) for n in range(5)]

        public = load_public_key(signer.current("card")[1])
        assert kid == signer.current("card")[0]
        assert all(verifies(public, bytes([n]), each) for n, each in enumerate(signatures))

    def test_the_seal_key_signs_nothing(self, db):
        with pytest.raises(AssertionError):
            signer.sign(Purpose.SEAL, b"x")

    def test_each_purpose_has_a_key_of_its_own(self, db):
        signature = signer.sign("card", b"x")

        assert verifies(load_public_key(signer.current("card")[1]), b"x", signature)
        assert not verifies(load_public_key(signer.current("list")[1]), b"x", signature)


class TestRing:
    def test_refuses_an_unknown_and_a_revoked_key(self, keys, budi, noon):
        with pytest.raises(ring.NoSuchKeyError):
            ring.revoke(200, actor=budi, at=noon)
        ring.revoke(1, actor=budi, at=noon)
        with pytest.raises(ring.KeyRevokedError):
            ring.revoke(1, actor=budi, at=noon)

    def test_what_was_revoked_verifies_nothing(self, keys, budi, noon):
        kid, _ = signer.current(Purpose.CARD)

        ring.revoke(kid, actor=budi, at=noon)

        with pytest.raises(NotTrustedError, match=r"key\.rotated_out"):
            ring.keyring().trusted(kid, Purpose.CARD)
        assert Entry.objects.get(kind="key.revoked").facts == {"kid": kid, "purpose": "card"}

    def test_is_published_once(self, keys, budi, noon):
        assert ring.publish(actor=budi, at=noon) == 0
        assert RingKey.objects.count() == len(Purpose)

    def test_is_whole_without_a_table(self, db):
        assert {key.purpose for key in ring.public_ring()} == set(Purpose)
        assert {key.state for key in ring.public_ring()} == {KeyState.ACTIVE}

    @pytest.mark.parametrize("by", [Purpose.ENROLMENT, Purpose.RING])
    def test_is_signed_by_a_key_that_stands_in_it(self, keys, noon, by):
        jws = ring.signed_ring(at=noon, by=by)

        def unpadded(part: str) -> bytes:
            return urlsafe_b64decode(part + "=" * (-len(part) % 4))

        head, payload, signature = jws.split(".")
        header, content = json.loads(unpadded(head)), json.loads(unpadded(payload))
        key = next(key for key in content["keys"] if str(key["kid"]) == header["kid"])
        public = load_public_key(b"\x04" + unpadded(key["x"]) + unpadded(key["y"]))
        assert key["purpose"] == by.value
        assert verifies(public, f"{head}.{payload}".encode(), unpadded(signature))

    def test_no_other_key_may_sign_it(self, keys, noon):
        with pytest.raises(AssertionError):
            ring.signed_ring(at=noon, by=Purpose.CARD)


class TestSealKey:
    def test_opens_what_was_sealed_to_it(self, db):
        _, public = seal_key.public()
        sealed = seal_to(load_public_key(public), b"kunci", context=b"betang/batch-key/1")

        assert seal_key.unwrap(sealed, context=b"betang/batch-key/1") == b"kunci"
        with pytest.raises(NotSealedToUsError):
            seal_key.unwrap(sealed, context=b"betang/export/1")


class TestInit:
    @pytest.fixture
    def fresh(self, settings, tmp_path):
        settings.VAR = tmp_path / "var"
        return settings

    def test_refuses_a_key_file_that_is_not_this_databases(self, keys, fresh, budi, noon):
        with pytest.raises(init.AnotherKeyFileError):  # none there, and values sealed before
            init.init(actor=budi, at=noon, **WEAK)
        keyfile.create(place.key_path(), place.passphrase(), **WEAK)
        with pytest.raises(init.AnotherKeyFileError):
            init.init(actor=budi, at=noon, **WEAK)

    def test_makes_the_test_master_of_a_demonstration(self, db, fresh, budi, noon):
        fresh.DEMO = True

        init.init(actor=budi, at=noon, **WEAK)

        assert chip_master.test_master_path().exists()

    def test_makes_all_once(self, db, fresh, budi, noon):
        DataKey.objects.all().delete()

        assert init.init(actor=budi, at=noon, **WEAK)
        assert not init.init(actor=budi, at=noon, **WEAK)
        assert Entry.objects.filter(kind="keys.initialised").count() == 1

    def test_a_key_file_that_vanished_is_missed(self, fresh):
        with pytest.raises(keyfile.KeyFileMissingError):
            place.opened()


class TestChipMaster:
    @pytest.fixture
    def demo(self, settings, tmp_path):
        settings.VAR, settings.DEMO = tmp_path, True
        return settings

    def test_is_neither_made_nor_read_outside_a_demonstration(self, demo):
        chip_master.make_test_master()
        demo.DEMO = False

        with pytest.raises(chip_master.NoChipMasterError):
            chip_master.make_test_master()
        with pytest.raises(chip_master.NoChipMasterError):
            chip_master.file_read_key(bytes(7), version=1)

    def test_is_refused_where_others_may_read_it(self, demo):
        chip_master.make_test_master().chmod(0o640)

        with pytest.raises(chip_master.ChipMasterExposedError):
            chip_master.file_read_key(bytes(7), version=1)

    def test_of_production_is_missed_before_it_is_made(self, settings):
        assert chip_master.current_version() == 1
        assert chip_master.is_genuine_tap(Tap(bytes(7), 1, bytes(8)), version=1) is None
        with pytest.raises(chip_master.NoChipMasterError):
            chip_master.card_keys_many([bytes(7)], version=1)

    def test_derives_the_key_of_a_card(self, demo):
        path = chip_master.make_test_master()
        master = bytes.fromhex(path.read_text())

        assert chip_master.make_test_master() == path
        assert bytes.fromhex(path.read_text()) == master
        assert chip_master.file_read_key(bytes(7), version=1) == card_key(
            master, bytes(7), key_number=K2_FILE_READ, version=1
        )


def test_keys_are_valid_from_their_making(tmp_path, noon):
    opened = keyfile.create(tmp_path / "k", "a", at=noon, **WEAK)

    assert {key.not_before for key in opened.ring} == {noon}
    assert all(key.not_after > noon + timedelta(days=365 * 5) for key in opened.ring)

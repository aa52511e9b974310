"""Keys in a token: what it does not give away or do, then that it does what the key file does."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from pkcs11 import Attribute, MechanismFlag, ObjectClass
from pkcs11.exceptions import AttributeSensitive, PKCS11Error

from betang.core.card.chip import diversify
from betang.core.crypto.keyring import Purpose
from betang.core.crypto.sealing import NotSealedToUsError, seal_to
from betang.core.crypto.signing import load_public_key, verifies
from betang.keys import backend, chip_master, hsm, init, keyfile, place, ring, seal_key, signer
from betang.keys.models import DataKey

UID = bytes.fromhex("04E141124C2880")
WEAK = {"cost": keyfile.COST_TESTS}


@pytest.fixture
def filled(token, db, budi, noon):
    """The token with every key made, as `betang keys init` makes them."""
    DataKey.objects.all().delete()
    init.init(actor=budi, at=noon, **WEAK)
    return backend.backend()


class TestWhatItRefuses:
    def test_a_wrong_pin(self, token, settings, tmp_path):
        (tmp_path / "pin").write_text("999999")

        with pytest.raises(hsm.HsmUnavailableError, match="PinIncorrect") as refused:
            hsm.token()

        assert refused.value.__cause__ is None

    def test_a_token_that_is_not_there(self, token, settings):
        settings.HSM_TOKEN = "lain"

        with pytest.raises(hsm.HsmUnavailableError, match="NoSuchToken"):
            hsm.token()

    def test_a_pin_beside_the_data(self, token, settings, tmp_path):
        settings.VAR = tmp_path

        with pytest.raises(place.PassphraseBesideKeyError):
            hsm.token()

    def test_a_key_that_it_does_not_hold(self, filled):
        for ask in (
            lambda: filled.sign(200, b"x"),
            lambda: filled.diversify(9, [b"x"]),
        ):
            with pytest.raises(backend.KeyNotHereError):
                ask()
        with pytest.raises(chip_master.NoChipMasterError):
            chip_master.card_keys(UID, version=9)

    def test_a_point_off_the_curve(self, filled):
        kid, _ = seal_key.public()

        with pytest.raises(ValueError, match="EC key"):
            filled.exchange(kid, b"\x04" + bytes(64))
        with pytest.raises(NotSealedToUsError):
            seal_key.unwrap(b"\x04" + bytes(120), context=b"x")

    def test_to_use_a_key_for_another_purpose(self, filled):
        seal, _ = seal_key.public()
        card, _ = signer.current(Purpose.CARD)

        with pytest.raises(AssertionError):
            filled.sign(seal, b"x")
        with pytest.raises(AssertionError):
            filled.exchange(card, signer.current(Purpose.LIST)[1])

    def test_to_give_any_secret_away(self, filled):
        secrets = [
            each
            for kind in (ObjectClass.PRIVATE_KEY, ObjectClass.SECRET_KEY)
            for each in filled._session.get_objects({Attribute.CLASS: kind})
        ]

        assert len(secrets) == len(Purpose) + 2
        for each in secrets:
            assert each[Attribute.SENSITIVE]
            assert not each[Attribute.EXTRACTABLE]
            assert each[Attribute.ALWAYS_SENSITIVE]
            assert each[Attribute.NEVER_EXTRACTABLE]
            with pytest.raises(AttributeSensitive):
                _ = each[Attribute.VALUE]
            with pytest.raises(PKCS11Error):  # nor may it be made extractable later
                each[Attribute.EXTRACTABLE] = True

    def test_to_wrap_a_key_for_the_road(self, filled):
        wrapping = filled._session.generate_key(
            hsm.KeyType.AES, 256, capabilities=MechanismFlag.WRAP | MechanismFlag.ENCRYPT
        )
        for master in filled._listed().chip.values():
            with pytest.raises(PKCS11Error):
                wrapping.wrap_key(master, mechanism=hsm.Mechanism.AES_KEY_WRAP)

    def test_the_key_file_without_it(self, filled, settings):
        text = place.key_path().read_text()

        assert '"purpose": "card"' not in text
        assert "chip-master" not in text
        settings.HSM_MODULE = ""
        with pytest.raises(keyfile.KeyFileLockedError):
            keyfile.open_file(place.key_path(), place.passphrase())


class TestWhatItDoes:
    def test_signs_for_each_purpose(self, filled):
        for purpose in set(Purpose) - {Purpose.SEAL}:
            signature = signer.sign(purpose, b"x")
            assert verifies(load_public_key(signer.current(purpose)[1]), b"x", signature)

    def test_opens_what_was_sealed_to_it(self, filled):
        _, public = seal_key.public()
        sealed = seal_to(load_public_key(public), b"kunci", context=b"c")

        assert seal_key.unwrap(sealed, context=b"c") == b"kunci"
        with pytest.raises(NotSealedToUsError):
            seal_key.unwrap(sealed, context=b"d")

    def test_derives_as_an10922_says(self, token, softhsm):
        """A known master is put into a scratch token, to compare: ours are never known."""
        master = bytes(range(16))
        session = hsm.token()._session
        session.create_object({
            Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: hsm.KeyType.AES,
            Attribute.VALUE: master, Attribute.TOKEN: True, Attribute.ENCRYPT: True,
            Attribute.LABEL: "betang chip-master 7 2026-01-01",
        })  # fmt: skip
        inputs = [bytes([n]) * size for size in (1, 15, 16, 30, 31) for n in range(3)]

        assert hsm.token().diversify(7, inputs) == [diversify(master, one) for one in inputs]

    def test_derives_many_as_it_derives_one(self, filled):
        uids = [UID[:5] + n.to_bytes(2, "big") for n in range(3000)]

        many = chip_master.card_keys_many(uids, version=1)

        assert len(set(many)) == 3000
        for n in (0, 1234, 2999):
            assert chip_master.card_keys(uids[n], version=1) == many[n]
        assert chip_master.file_read_keys(uids, version=1) == [keys[2] for keys in many]

    def test_keeps_its_keys_when_opened_again(self, filled, budi, noon):
        before = ring.public_ring()

        hsm.forget()
        assert not init.init(actor=budi, at=noon, **WEAK)

        assert ring.public_ring() == before
        assert {key.public for key in backend.backend().ring()} == {key.public for key in before}

    def test_signs_in_many_threads(self, filled):
        public = load_public_key(signer.current("card")[1])
        _, write = signer.writer("card")

        with ThreadPoolExecutor(8) as pool:
            signatures = list(pool.map(lambda n: write(bytes([n])), range(200)))

        assert all(verifies(public, bytes([n]), each) for n, each in enumerate(signatures))

    def test_signs_in_a_forked_process(self, filled):
        kid, point = signer.current("card")
        reading, writing = os.pipe()
        child = os.fork()
        if not child:  # no exception may run the parent's tests twice
            try:
                os.write(writing, hsm.token().sign(kid, b"x"))
            finally:
                os._exit(0)
        os.close(writing)
        os.waitpid(child, 0)

        signature = os.read(reading, 100)
        os.close(reading)
        assert verifies(load_public_key(point), b"x", signature)

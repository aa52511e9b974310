"""Keys made with split custody, and opened again: what is refused first."""

import hashlib
import json
import secrets

import pytest

from betang.cli.main import main
from betang.core.crypto import shares
from betang.core.crypto.signing import load_public_key, verifies
from betang.journal.models import Entry
from betang.keys import ceremony, hsm, keyfile, place, ring, signer
from betang.keys.models import DataKey, RingKey

NAMES = ("Sari", "Budi", "Tono")
WEAK = {"cost": keyfile.COST_TESTS}


class Room:
    """The custodians: each notes the share shown to him and types it when asked."""

    def __init__(self):
        self.cards = {}

    def show(self, name, text):
        self.cards[name] = text

    def ask(self, who):
        return self.cards[who] if who in self.cards else list(self.cards.values())[int(who) - 1]


@pytest.fixture
def fresh(db, settings, tmp_path):
    settings.VAR = tmp_path / "var"
    settings.KEY_PASSPHRASE_FILE = str(tmp_path / "run" / "passphrase")
    DataKey.objects.all().delete()
    RingKey.objects.all().delete()
    return settings


@pytest.fixture
def room():
    return Room()


def hold(room, budi, wati, noon, *, names=NAMES, threshold=2, ask=None):
    return ceremony.hold(
        names, threshold, show=room.show, ask=ask or room.ask, actor=budi, witness=wati, at=noon,
        **WEAK,
    )  # fmt: skip


class TestIsRefused:
    def test_where_keys_are(self, fresh, room, budi, wati, noon):
        hold(room, budi, wati, noon)

        with pytest.raises(keyfile.KeyFileExistsError):
            hold(room, budi, wati, noon)

    @pytest.mark.parametrize(
        ("names", "threshold"), [(("Sari",), 1), (NAMES, 1), (NAMES, 4), (("Sari", "sari "), 2)]
    )
    def test_where_one_could_open_alone(self, fresh, room, budi, wati, noon, names, threshold):
        with pytest.raises(ceremony.CustodyError):
            hold(room, budi, wati, noon, names=names, threshold=threshold)
        assert not place.key_path().exists()

    def test_when_a_custodian_did_not_write_his_share_down(self, fresh, room, budi, wati, noon):
        def slips(name):
            return room.cards["Sari"]

        with pytest.raises(ceremony.ShareRefusedError, match="bukan bagian"):
            hold(room, budi, wati, noon, ask=slips)
        assert not place.key_path().exists()
        assert not place.secret_path().exists()

    def test_where_the_secret_would_lie_beside_the_keys(self, fresh, room, budi, wati, noon):
        fresh.KEY_PASSPHRASE_FILE = str(fresh.VAR / "passphrase")

        with pytest.raises(place.PassphraseBesideKeyError):
            hold(room, budi, wati, noon)
        assert not place.key_path().exists()

    def test_outside_a_terminal(self, db, budi):
        from click.testing import CliRunner

        told = CliRunner().invoke(main, ["keys", "open"])

        assert told.exit_code == 2
        assert "terminal" in told.stderr


class TestOpening:
    def test_is_refused_to_too_few_mistyped_or_mixed_shares(self, fresh, room, budi, wati, noon):
        hold(room, budi, wati, noon)
        place.secret_path().unlink()
        others = shares.split(secrets.token_bytes(16), threshold=2, count=2)

        for typed, why in (
            ([room.cards["Sari"]] * 2, "dua kali"),
            (["x"], "salah ketik"),
            ([room.cards["Sari"], shares.write(others[1])], "pembagian yang berbeda"),
            ([shares.write(one) for one in others], "tidak membuka"),
        ):
            given = iter(typed)
            with pytest.raises(ceremony.ShareRefusedError, match=why) as refused:
                ceremony.reopen(lambda _, given=given: next(given))
            assert refused.value.__cause__ is None
            assert not place.secret_path().exists()

    def test_any_two_of_three_open_after_a_restart(self, fresh, room, budi, wati, noon):
        hold(room, budi, wati, noon)

        for pair in (("Sari", "Budi"), ("Tono", "Sari"), ("Budi", "Tono")):
            place.secret_path().unlink()
            typed = iter([room.cards[name] for name in pair])
            path = ceremony.reopen(lambda _, typed=typed: next(typed))
            assert path.stat().st_mode & 0o777 == 0o600
            assert keyfile.open_file(place.key_path(), place.passphrase()).ring

    def test_a_token_by_its_custodians(self, token, db, room, budi, wati, noon):
        DataKey.objects.all().delete()
        RingKey.objects.all().delete()
        hold(room, budi, wati, noon)
        _, public = signer.current("card")
        place.secret_path().write_text("000000")
        hsm.forget()
        with pytest.raises(hsm.HsmUnavailableError):
            signer.sign("card", b"x")

        ceremony.reopen(room.ask)

        assert verifies(load_public_key(public), b"x", signer.sign("card", b"x"))


def test_a_rehearsal_makes_nothing(fresh, room):
    ceremony.rehearse(NAMES, 2, show=room.show, ask=room.ask)

    assert len(set(room.cards.values())) == 3
    assert not place.key_path().exists()
    assert not place.secret_path().exists()


def test_the_protocol_is_signed_names_all_and_holds_no_secret(fresh, room, budi, wati, noon):
    path = hold(room, budi, wati, noon)

    told = json.loads(path.read_text())
    body = json.dumps(
        told["protocol"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
    manifest = next(key for key in ring.public_ring() if key.kid == told["kid"])
    signed = b"betang/ceremony/1" + body
    assert verifies(load_public_key(manifest.public), signed, bytes.fromhex(told["signature"]))
    assert told["protocol"]["custodians"] == list(NAMES)
    facts = Entry.objects.get(kind="keys.ceremony").facts
    assert facts["sha256"] == hashlib.sha256(body).hexdigest()
    assert place.passphrase().decode() not in path.read_text()
    assert all(card.replace(" ", "") not in path.read_text() for card in room.cards.values())

"""No secret of a made key file anywhere it could be read: texts, tracebacks, logs, columns, files.

And hostile key files: refused by their own sentence, before memory is taken.
"""

import json
import logging
import subprocess
import sys
import traceback
from base64 import b64encode
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from betang.core.crypto.signing import dump_private_key
from betang.keys import blobs, chip_master, init, keyfile, place, ring, sealing, signer, transport
from betang.keys.models import DataKey, RingKey

ROOT = Path(__file__).resolve().parents[2]
UID = bytes.fromhex("04E141124C2880")


def secrets_of(opened: keyfile.KeyFile) -> list[bytes]:
    """Every secret of the file, and what it opens directly."""
    pairs = [*opened.private.values(), *opened.seal.values()]
    scalars = [dump_private_key(key) for key in pairs]
    return [*scalars, *opened.data.values(), *opened.chip.values()]


def forms(secret: bytes) -> list[str]:
    """How a secret would show in a text."""
    return [secret.hex(), secret.hex().upper(), b64encode(secret).decode(), repr(secret)[2:-1],
            str(int.from_bytes(secret, "big"))]  # fmt: skip


def assert_absent(text: str, secrets: list[bytes]) -> None:
    for secret in secrets:
        assert not [form for form in forms(secret) if form in text]


@pytest.fixture
def own(db, settings, tmp_path, budi, noon):
    settings.VAR = tmp_path / "var"
    DataKey.objects.all().delete()
    RingKey.objects.all().delete()
    init.init(actor=budi, at=noon, cost=keyfile.COST_TESTS)
    return place.opened()


def test_the_search_finds_what_leaks():
    secret = bytes(range(200, 216))

    for leak in forms(secret):
        with pytest.raises(AssertionError):
            assert_absent(f"key={leak};", [secret])


def test_texts_and_logs_name_no_secret(own, caplog, noon, budi):
    secrets = [*secrets_of(own), *chip_master.card_keys(UID, version=1)]
    with caplog.at_level(logging.DEBUG):
        signer.sign("card", b"x")
        sealing.open_sealed(sealing.seal("6201"))
        blobs.fetch(blobs.store(b"foto", at=noon))
        transport.wrap_card_keys(bytes(32), UID, chip_master.card_keys(UID, version=1))
        ring.signed_ring(at=noon)

    texts = [repr(own), str(own), repr(own.ring), caplog.text]
    assert_absent("\n".join(texts), secrets)
    assert place.passphrase().decode() not in "\n".join(texts)


def test_tracebacks_with_all_their_values_name_no_secret(own, settings, tmp_path):
    """As an error reporter would write them: every local of every frame that is still there."""
    (tmp_path / "wrong").write_text("bukan-frasanya-sama-sekali")
    failing = (
        lambda: keyfile.open_file(place.key_path(), b"bukan-frasanya-sama-sekali"),
        lambda: chip_master.card_keys(UID, version=9),
        lambda: sealing.open_sealed(b"\x01" + bytes(40)),
        lambda: transport.unwrap_card_keys(bytes(range(32)), UID, bytes(96)),
        lambda: blobs.unwrap(bytes(60), b"x"),
    )
    for fail in failing:
        with pytest.raises(Exception) as raised:  # noqa: PT011 - each has its own class
            fail()
        told = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
        text = "".join(told.format())
        assert_absent(text, [*secrets_of(own), *chip_master.card_keys(UID, version=1)])
        within = text[text.index("betang/keys/") :]  # the test's own line names what it passes
        assert repr(b"bukan-frasanya-sama-sekali") not in within
        assert repr(bytes(range(32))) not in within


def test_no_column_of_the_database_holds_a_secret(own, noon):
    sealing.seal("6201")
    blobs.store(b"foto", at=noon)
    secrets = [*secrets_of(own), *chip_master.card_keys(UID, version=1)]
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables
            WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
              AND table_type = 'BASE TABLE'
        """)
        tables = [name for (name,) in cursor.fetchall()]
        assert any("keys_ringkey" in table for table in tables)
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t")
            assert_absent("\n".join(row for (row,) in cursor.fetchall()), secrets)


def test_nothing_that_is_handed_on_holds_a_secret_of_this_installation(own):
    """Vectors and fixtures, and the data folder but for the wrapped file itself."""
    secrets = secrets_of(own) + secrets_of(_the_tests_own())
    for folder in (ROOT / "vectors", ROOT / "tests" / "keys", place.key_path().parents[1]):
        for path in folder.rglob("*"):
            if path.is_file():
                raw = path.read_bytes()
                assert not [secret for secret in secrets if secret in raw]
                assert_absent(raw.decode("utf-8", "replace"), secrets)


def _the_tests_own() -> keyfile.KeyFile:
    from betang import cluster

    return keyfile.open_file(cluster.var_folder() / "keys" / "keyfile.json", place.passphrase())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("hostile") / "k"
    keyfile.create(path, "a", cost=keyfile.COST_TESTS, chip_master=True)
    return path


class TestHostileFiles:
    @given(st.data())
    @settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_with_flipped_bits_open_as_they_were_or_not_at_all(self, made, data):
        raw = bytearray(made.read_bytes())
        good = keyfile.open_file(made, "a")
        for place_ in data.draw(st.lists(st.integers(0, len(raw) * 8 - 1), min_size=1, max_size=3)):
            raw[place_ // 8] ^= 1 << place_ % 8
        altered = made.with_name("altered")
        altered.write_bytes(raw)

        try:
            opened = keyfile.open_file(altered, "a")
        except keyfile.KeyFileLockedError:
            return
        assert secrets_of(opened) == secrets_of(good)  # a bit of white space, or of `made_at`
        assert opened.ring == good.ring

    @given(st.integers(0, 6000))
    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_cut_short_do_not_open(self, made, size):
        raw = made.read_bytes()
        cut = made.with_name("cut")
        cut.write_bytes(raw[: min(size, len(raw) - 2)])

        with pytest.raises(keyfile.KeyFileLockedError):
            keyfile.open_file(cut, "a")

    @pytest.mark.parametrize(
        "cost", [0, 1, -16, 17, 2**21, 2**40, 2**80, 1e9, True, "16", None, [16]]
    )
    def test_of_an_absurd_cost_are_refused(self, made, cost):
        content = json.loads(made.read_bytes())
        content["kdf"]["n"] = cost
        greedy = made.with_name("greedy")
        greedy.write_text(json.dumps(content))

        with pytest.raises(keyfile.KeyFileLockedError):
            keyfile.open_file(greedy, "a")

    @pytest.mark.parametrize(
        "content", [b"", b"[" * 100_000, b"null", b'{"kdf": {"n": 16, "salt": 3}}', b" " * 2**21]
    )
    def test_of_another_shape_are_refused(self, made, content):
        odd = made.with_name("odd")
        odd.write_bytes(content)

        with pytest.raises(keyfile.KeyFileLockedError):
            keyfile.open_file(odd, "a")

    def test_of_a_huge_cost_are_refused_before_memory_is_used(self, made):
        content = json.loads(made.read_bytes())
        content["kdf"]["n"] = 2**24  # 16 GB
        greedy = made.with_name("greedy")
        greedy.write_text(json.dumps(content))
        script = """
import resource, sys
from betang.keys import keyfile
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    keyfile.open_file(sys.argv[1], "a")
except keyfile.KeyFileLockedError:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
        told = subprocess.run(
            [sys.executable, "-c", script, str(greedy)], capture_output=True, text=True, check=True,
            cwd=ROOT,
        )  # fmt: skip

        assert int(told.stdout) < 8_000  # kilobytes

"""What the doctor says of keys: what is wrong first."""

from datetime import UTC, datetime, timedelta

import pytest

from betang.cli._keys_checked import holder
from betang.keys import keyfile

MADE = datetime(2026, 11, 12, tzinfo=UTC)


@pytest.fixture
def var(tmp_path, settings, monkeypatch):
    settings.VAR = tmp_path / "var"
    settings.KEY_PASSPHRASE_FILE = str(tmp_path / "p")
    monkeypatch.setenv("BETANG_KEY_PASSPHRASE_FILE", str(tmp_path / "p"))
    (tmp_path / "p").write_text("a")
    keyfile.create(settings.VAR / "keys" / "keyfile.json", "a", at=MADE, cost=keyfile.COST_TESTS)
    return settings.VAR


def test_says_what_keeps_keys_shut(var, tmp_path, monkeypatch):
    (tmp_path / "p").write_text("b")
    found, good, _ = holder(var)
    assert (good, "tidak terbuka" in found) == (False, True)

    (tmp_path / "p").unlink()
    found, good, do = holder(var)
    assert (good, "betang keys open" in do) == (False, True)

    (var / "keys" / "keyfile.json").chmod(0o644)
    assert holder(var)[1:] == (False, f"chmod 600 {var / 'keys' / 'keyfile.json'}")

    monkeypatch.setenv("BETANG_HSM_MODULE", str(tmp_path / "nowhere.so"))
    assert "nowhere.so tidak ada" in holder(var)[0]


def test_says_what_expires_within_half_a_year(var):
    found, good, do = holder(var, at=MADE + keyfile.VALID_FOR - timedelta(days=100))

    assert not good
    assert "segera berakhir: 1, 2" in found
    assert "rotate" in do


def test_is_content_where_all_is_well(var, tmp_path, monkeypatch):
    assert holder(var, at=MADE)[:2] == ("berkas kunci terbuka: 9 kunci, 0 versi induk cip", True)
    assert holder(tmp_path / "empty")[1]
    monkeypatch.delenv("BETANG_KEY_PASSPHRASE_FILE")
    assert holder(var)[1]

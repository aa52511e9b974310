"""A token of SoftHSM2, made for one test: the real library, nothing stood in for."""

import secrets
import subprocess

import pytest

from betang.keys import hsm

MODULE = "/usr/lib/softhsm/libsofthsm2.so"


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory):
    """SoftHSM reads its configuration once a process: one for all tests, a token for each."""
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    patch.setenv("SOFTHSM2_CONF", str(config))
    yield folder
    hsm.forget()
    patch.undo()


@pytest.fixture
def token(softhsm, settings, tmp_path):
    """An empty token with its PIN in a file, and the settings that name both."""
    label, pin = f"t{secrets.token_hex(4)}", secrets.token_hex(6)
    hsm.forget()
    if hsm.pkcs11._loaded:  # a new token is seen after a new start of the library
        hsm.pkcs11.lib(MODULE).reinitialize()
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", pin, "--so-pin",
         pin], check=True, capture_output=True,
    )  # fmt: skip
    if hsm.pkcs11._loaded:
        hsm.pkcs11.lib(MODULE).reinitialize()
    settings.HSM_MODULE, settings.HSM_TOKEN = MODULE, label
    settings.HSM_PIN_FILE = str(tmp_path / "pin")
    (tmp_path / "pin").write_text(pin)
    settings.VAR = tmp_path / "var"
    yield label
    hsm.forget()

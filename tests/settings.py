"""The settings of the tests: their own var folder, database and key file.

They are set here and not in `conftest.py`, because pytest-django reads the settings first.
"""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("BETANG_VAR", str(Path(__file__).resolve().parent.parent / "var" / "test"))
#: The owner makes the test database; servers under test are started as the app role.
os.environ["BETANG_ROLE"] = "owner"
os.environ.pop("BETANG_DEMO", None)
#: Offered, not demanded: journeys sign in with a password. Its own tests demand it.
os.environ["BETANG_SECOND_FACTOR_ROLES"] = ""
# In the data folder it would be refused; it guards nothing but keys made for tests.
_passphrase = Path(tempfile.mkdtemp(prefix="betang-test-")) / "passphrase"
_passphrase.write_text("frasa sandi untuk uji")
os.environ["BETANG_KEY_PASSPHRASE_FILE"] = str(_passphrase)

from betang.settings import *  # noqa: E402, F403

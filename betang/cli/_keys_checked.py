"""What `betang doctor` says of keys: file or HSM, whether it opens, and what expires soon."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

#: A new key takes a while to reach every phone and card: half a year is time for a rotation.
SOON = timedelta(days=180)


def holder(var: Path, *, at: datetime | None = None) -> tuple[str, bool, str]:
    """Give what was found, whether it is good, and what to do."""
    file = var / "keys" / "keyfile.json"
    module = os.environ.get("BETANG_HSM_MODULE", "")
    if module and not Path(module).is_file():
        return f"HSM: {module} tidak ada", False, "Pasang pustaka PKCS#11 HSM, perbaiki alamatnya."
    if not file.exists():
        return "berkas kunci belum dibuat", True, ""
    if file.stat().st_mode & 0o077:
        return "berkas kunci terbaca orang lain", False, f"chmod 600 {file}"
    named = os.environ.get("BETANG_HSM_PIN_FILE" if module else "BETANG_KEY_PASSPHRASE_FILE", "")
    if not named:  # this shell's setting, not the servers': nothing is known to be wrong
        return "tidak diperiksa: alamat frasa sandi atau PIN belum diatur", True, ""
    if not Path(named).is_file():
        what = "PIN HSM" if module else "frasa sandi"
        return f"{what} tidak ada: kunci tertutup", False, "Jalankan `betang keys open`."
    return _opened(at or datetime.now(UTC))


def _opened(at: datetime) -> tuple[str, bool, str]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "betang.settings")
    import django  # noqa: PLC0415

    django.setup()
    from django.conf import settings  # noqa: PLC0415

    from betang.core.errors import RefusedError  # noqa: PLC0415
    from betang.keys.backend import backend  # noqa: PLC0415

    where = "HSM" if settings.HSM_MODULE else "berkas kunci"
    try:
        ring = backend().ring()
        masters = len(backend().chip_versions())
    except RefusedError as refused:
        return f"{where} tidak terbuka: {refused.sentence}", False, refused.do
    newest = {key.purpose: key for key in sorted(ring, key=lambda key: key.version)}
    expiring = sorted(key.kid for key in newest.values() if key.not_after - at < SOON)
    found = f"{where} terbuka: {len(ring)} kunci, {masters} versi induk cip"
    if expiring:
        numbers = ", ".join(map(str, expiring))
        return (
            f"{found}; segera berakhir: {numbers}", False,
            "Ganti kunci itu dengan `betang keys rotate` (dua orang).",
        )  # fmt: skip
    return found, True, ""

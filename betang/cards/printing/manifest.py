"""Write and sign what a run consists of, over the exact bytes."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from betang.cards.models import PrintRun
from betang.cards.printing.files import digest_of, written
from betang.cards.printing.folder import folder_of, path_of
from betang.core.bureau.manifest import NAME, SIGNATURE_NAME, manifest_bytes, signature_bytes
from betang.core.clock import to_wire
from betang.core.crypto.keyring import Purpose
from betang.keys import signer


def write_manifest(run: PrintRun, others: Sequence[Path], *, at: datetime) -> Path:
    """Write and sign the manifest over all parts and `others`; keep its sum with the run."""
    parts = list(run.parts.order_by("number"))
    files = {path_of(run, part).name: bytes(part.file_sha256 or b"").hex() for part in parts}
    files |= {path.name: digest_of(path).hex() for path in others}
    content = manifest_bytes(
        run=str(run.uuid),
        at=to_wire(at),
        design=run.design,
        count=run.count,
        chips=run.chips.count(),
        rows_sha256=bytes(run.rows_sha256).hex(),
        parts=[
            {"file": path_of(run, part).name, "first": part.first, "last": part.last,
             "rows_sha256": bytes(part.rows_sha256).hex()}
            for part in parts
        ],
        files=files,
    )  # fmt: skip
    kid, write = signer.writer(Purpose.MANIFEST)
    path = folder_of(run) / NAME
    with written(path) as undone:
        undone.write_bytes(content)
    with written(folder_of(run) / SIGNATURE_NAME) as undone:
        undone.write_bytes(signature_bytes(kid, write(content)))
    run.file_name, run.file_sha256 = path.name, digest_of(path)
    run.save(update_fields=["file_name", "file_sha256"])
    return path

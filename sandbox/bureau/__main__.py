"""`python -m sandbox.bureau open PACKAGE …` and `… return FOLDER …`: a bureau at its desk."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from betang.core.bureau.manifest import NAME, SIGNATURE_NAME, read_manifest
from sandbox.bureau.answer import FILE_WRONG, ROWS_WRONG, answer, chip_stock, honest
from sandbox.bureau.package import Opened, open_package, read_ring


def main() -> None:
    """Open a package and check it, or write the return file of one that was opened."""
    parser = argparse.ArgumentParser(prog="sandbox.bureau", description=__doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    opening = acts.add_parser("open")
    opening.add_argument("package", type=Path)
    opening.add_argument("--identity", type=Path, required=True, help="the bureau's age key file")
    opening.add_argument("--ring", type=Path, required=True, help="betang keys ring --json")
    opening.add_argument("--into", type=Path, required=True)
    returning = acts.add_parser("return")
    returning.add_argument("folder", type=Path)
    returning.add_argument("--ring", type=Path, required=True)
    returning.add_argument("--chips", type=Path, help="the UIDs used, as listed before")
    returning.add_argument("--spoilt", type=int, default=0, help="how many were spoilt")
    returning.add_argument("--wrong", choices=[*ROWS_WRONG, *FILE_WRONG, "wrong-count"], default="")
    returning.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    ring = read_ring(chosen.ring.read_text())
    if chosen.act == "open":
        opened = open_package(chosen.package, _secret(chosen.identity), ring, chosen.into)
        print(f"{opened.manifest.count} cards, {len(opened.manifest.files)} files, all as signed")
        return
    content, signature = ((chosen.folder / name).read_bytes() for name in (NAME, SIGNATURE_NAME))
    opened = Opened(read_manifest(content, signature, ring), chosen.folder)
    cards = [row["card_number"] for row in opened.cards()]
    chips = _chips(chosen.chips) if chosen.chips else chip_stock(len(cards), seed=1)
    rows = honest(cards, chips, spoilt=range(chosen.spoilt))
    made_at = datetime.now(UTC)
    chosen.out.write_bytes(answer(UUID(opened.manifest.run), made_at, rows, wrong=chosen.wrong))


def _secret(path: Path) -> str:
    """Read the secret line of a key file as `age-keygen` writes it."""
    return next(
        line.strip() for line in path.read_text().splitlines() if line.startswith("AGE-SECRET-KEY-")
    )


def _chips(path: Path) -> list[bytes]:
    return [bytes.fromhex(line) for line in path.read_text().split()[1:]]


if __name__ == "__main__":
    main()

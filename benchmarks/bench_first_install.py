"""What a phone fetches to install the app, scanner included: every file of the worker's own list.

Over HTTP from the real server, packed as it sends them, and each compared with the built file. The
`floor` is the 600 kB that field.md allows; `ratio` is ours over that.
"""

import gzip
import re

import httpx
from django.conf import settings

from benchmarks import served
from benchmarks.row import Row
from betang.web.fieldapp import BUILT

#: kB that a first install may weigh; also the size of the row.
SIZE = 600
FILES = re.compile(r'"([^"]*\|[^"]*\.wasm[^"]*)"|`([^`]*\|[^`]*\.wasm[^`]*)`')


def run(size: int = SIZE) -> list[Row]:
    """Fetch page, worker and all that the worker's list names."""
    total, largest, fetched = 0, 0, 0
    with (
        served.site(workers=1),
        httpx.Client(base_url=settings.ORIGIN, trust_env=False, timeout=60) as client,
    ):
        worker = client.get("/lapangan/sw.js").text
        found = FILES.search(worker)
        assert found, "the worker names no files"
        names = (found[1] or found[2]).split("|")
        assert any(name.endswith(".wasm") for name in names), "the scanner is part of it"
        for name in [*names, "sw.js"]:
            answer = client.get(f"/lapangan/{name}", headers={"Accept-Encoding": "gzip"})
            assert answer.status_code == 200, name
            assert answer.content == (BUILT / (name or "index.html")).read_bytes(), name
            packed = gzip.compress(answer.content)
            pressed = name.endswith(".png") or answer.num_bytes_downloaded <= len(packed) * 1.02
            assert pressed, f"{name} came unpacked"
            total += answer.num_bytes_downloaded
            largest = max(largest, answer.num_bytes_downloaded)
            fetched += 1

    def row(name: str, value: float, unit: str, floor: float | None = None) -> Row:
        return {
            "name": name, "value": value, "unit": unit, "floor": floor,
            "ratio": value / floor if floor else None, "peak_mb": None, "size": fetched,
        }  # fmt: skip

    return [
        row("first_install", total / 1000, "kB gz", float(size)),
        row("first_install, largest file", largest / 1000, "kB gz"),
    ]

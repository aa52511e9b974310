"""`python -m sandbox.edc`: a terminal without a screen; it speaks JSON lines.

It enrols with `--code` (once; the memory knows), prints `{"words": […], "short_id": …}`, waits
until an administrator confirmed the words, and fetches. Then each line of its standard input is a
card's QR that is held before its scanner: it serves the family and prints verdict and receipts. A
line that begins with `:` is a key of the terminal: `:sync`, `:status`, `:end`.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from sandbox.edc.client import OfflineError, ServerRefusedError
from sandbox.edc.memory import Memory
from sandbox.edc.terminal import Served, Terminal

#: How often a terminal that waits for its confirmation asks.
ASK_EVERY_S = 0.5


def tell(**what: Any) -> None:
    """Print one line."""
    print(json.dumps(what, ensure_ascii=False), flush=True)


def main() -> int:
    """Run one terminal. Exit code 1: it was never confirmed."""
    parser = argparse.ArgumentParser(prog="sandbox.edc", description=__doc__)
    parser.add_argument("--origin", required=True, help="such as http://localhost:8000")
    parser.add_argument("--code", help="the text of the enrolment code's QR")
    parser.add_argument("--memory", type=Path, default=Path("edc.sqlite"))
    parser.add_argument("--signature", default="M0 0L40 12", help="what the pad draws; empty: none")
    parser.add_argument("--patience", type=float, default=600, help="seconds to be confirmed in")
    given = parser.parse_args()
    memory = Memory(given.memory)
    terminal = Terminal(memory, given.origin)
    if given.code and not memory.get("device"):
        words = terminal.enrol(given.code)
        tell(words=words, short_id=terminal.short_id)
        if not _confirmed(terminal, time.monotonic() + given.patience):
            return 1
    _synchronise(terminal)
    for line in sys.stdin:
        text = line.rstrip("\n")
        if text == ":end":
            break
        if text == ":status":
            tell(unsent=memory.count_unsent(), decisions=memory.decisions())
        elif text == ":sync":
            _synchronise(terminal)
        else:
            _tell_served(terminal.show(text, signature=given.signature or None))
    terminal.client.close()
    memory.close()
    return 0


def _confirmed(terminal: Terminal, until: float) -> bool:
    while time.monotonic() < until:
        told = terminal.client.call("GET", "/api/v1/device")
        if told["device"]["state"] == "active":
            return True
        time.sleep(ASK_EVERY_S)
    return False


def _synchronise(terminal: Terminal) -> None:
    try:
        tell(synchronised=terminal.synchronise())
    except OfflineError:
        tell(offline=True, unsent=terminal.memory.count_unsent())
    except ServerRefusedError as refused:
        tell(refused=refused.code, sentence=refused.sentence, do=refused.do)


def _tell_served(served: Served) -> None:
    verdict = served.verdict
    tell(
        colour=verdict.colour, reason=verdict.reason, allowed=verdict.allowed,
        receipts=served.receipts, denials=served.denials,
        seqs=[event.seq for event in served.events],
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())

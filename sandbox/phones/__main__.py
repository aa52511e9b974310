"""`python -m sandbox.phones`: a fleet of virtual devices against a running server, over HTTP alone.

Codes come in as a JSON file: `[{"name": "sari01", "code": "<code or text of its QR>", "has_nfc":
true}]`. The fleet enrols, prints one line `{"enrolled": [{"name", "short_id", "uuid", "words"}]}`,
and waits for a line on its standard input: meanwhile an administrator confirms the words, leases
the rights and entrusts the cards. Then it works, and prints its summary as the last line, JSON.
"""

import argparse
import json
import sys
from pathlib import Path

from sandbox.phones.day import Plan
from sandbox.phones.fleet import Fleet


def main() -> int:
    """Run a fleet. Exit code 1: something was sent twice with another answer, or not at all."""
    parser = argparse.ArgumentParser(prog="sandbox.phones", description=__doc__)
    parser.add_argument("--server", required=True, help="origin, such as http://localhost:8000")
    parser.add_argument("--codes", type=Path, required=True, help="JSON file of enrolment codes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plan", type=Path, help="JSON file: any of serve, hand_over, online, ...")
    parser.add_argument("--chip", help="HOST:PORT of `python -m sandbox.chip`; none: no NFC")
    parser.add_argument("--copies", type=int, default=3, help="copied cards shown")
    parser.add_argument("--doubles", type=int, default=4, help="families met by two devices")
    parser.add_argument("--clones", type=int, default=1, help="devices cloned")
    parser.add_argument("--seconds", type=float, default=0, help="spread each sending over this")
    parser.add_argument("--no-wait", action="store_true", help="do not wait for confirmation")
    given = parser.parse_args()
    plan = Plan(**json.loads(given.plan.read_text())) if given.plan else Plan()
    fleet = Fleet(
        given.server.rstrip("/"),
        given.seed,
        plan,
        chip=given.chip,
        copies=given.copies,
        doubles=given.doubles,
        clones=given.clones,
        seconds=given.seconds,
    )
    print(json.dumps({"enrolled": fleet.enrol(json.loads(given.codes.read_text()))}), flush=True)
    if not given.no_wait:
        sys.stdin.readline()
    summary = fleet.work()
    print(json.dumps(summary), flush=True)
    wrong = summary["unsent"] or summary["did"].get("sent_again_with_another_answer")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

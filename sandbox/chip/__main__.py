"""`python -m sandbox.chip`: virtual chips behind a TCP socket that speaks APDUs.

Frames are those of vsmartcard's vpcd, so that the same chip can stand behind a real `pcscd` later:
two bytes of length, then the command; one byte alone is 0 off, 1 on, 2 reset, 4 the ATR. A
pseudo-command chooses the card in the field, `FF 00 00 00 07 <UID>`; another, `FF 01 00 00 00`,
swaps it for a copy made from it.
"""

import argparse
import json
import os
import socketserver
import stat
import sys
from pathlib import Path

from sandbox.chip.virtual_chip import OK, CopiedChip, VirtualChip

ATR = bytes.fromhex("3B8180018080")
NO_CARD = b"\x6f\x00"
_CHOOSE, _COPY = b"\xff\x00\x00\x00\x07", b"\xff\x01\x00\x00\x00"
_OFF, _ON, _RESET, _ATR = 0, 1, 2, 4


class Wallet(socketserver.ThreadingTCPServer):
    """All chips of this process, by UID; each keeps its counter until the process ends."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, *, master: bytes, host: str) -> None:
        super().__init__(("127.0.0.1", port), Reader)
        self.master, self.host = master, host
        self.chips: dict[bytes, VirtualChip] = {}

    def chip(self, uid: bytes) -> VirtualChip:
        """Give the chip `uid`, making it at its first use."""
        made = VirtualChip.of(uid, master=self.master, host=self.host)
        return self.chips.setdefault(uid, made)


class Reader(socketserver.StreamRequestHandler):
    """One connection: a reader with at most one card in its field."""

    disable_nagle_algorithm = True
    card: VirtualChip | None = None
    server: Wallet

    def handle(self) -> None:
        """Answer frames until the connection ends."""
        while len(head := self.rfile.read(2)) == 2:
            frame = self.rfile.read(int.from_bytes(head, "big"))
            answer = self._control(frame[0]) if len(frame) == 1 else self._command(frame)
            if answer is not None:
                self.wfile.write(len(answer).to_bytes(2, "big") + answer)

    def _control(self, code: int) -> bytes | None:
        if code in {_OFF, _ON, _RESET} and self.card is not None:
            self.card.reset()
        return ATR if code == _ATR else None

    def _command(self, frame: bytes) -> bytes:
        if frame[:5] == _CHOOSE and len(frame) == 12:
            self.card = self.server.chip(frame[5:])
            return OK
        if self.card is None:
            return NO_CARD
        if frame == _COPY:
            self.card = CopiedChip.harvested(self.card)
            return OK
        return self.card.answer(frame)


def read_master(path: Path) -> bytes:
    """Read the demonstration's test master; refused elsewhere, or where others may read it."""
    if os.environ.get("BETANG_DEMO") != "1":
        sys.exit("sandbox.chip: kunci induk uji hanya dipakai dengan BETANG_DEMO=1.")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        sys.exit("sandbox.chip: berkas kunci induk harus berizin 0600.")
    return bytes.fromhex(path.read_text())


def main() -> None:
    """Serve chips until ended; the first line on stdout says where."""
    parser = argparse.ArgumentParser(prog="sandbox.chip", description=__doc__)
    parser.add_argument("--master", type=Path, required=True, help="file of the test master, 0600")
    parser.add_argument("--host", default="kartu.betang.example")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    with Wallet(given.port, master=read_master(given.master), host=given.host) as wallet:
        print(json.dumps({"chip": f"127.0.0.1:{wallet.server_address[1]}"}), flush=True)
        wallet.serve_forever()


if __name__ == "__main__":
    main()

"""Run the stand-in bank: `python -m sandbox.bank --port 0 --keys DIR --state FILE`.

The first line on standard output is `{"bank": "http://127.0.0.1:PORT"}`, once it listens.
"""

import argparse
import asyncio
import json
import signal
from pathlib import Path

from sandbox.bank.behind import BehindTheCounter
from sandbox.bank.book import ACCOUNT_FAULTS, TRANSFER_FAULTS, Book
from sandbox.bank.http import Reply, Request, serve
from sandbox.bank.partner import Door, agree
from sandbox.bank.services import Services


def main() -> None:
    """Serve until it is told to end."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.bank", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--keys", type=Path, required=True, help="folder of the agreed keys")
    parser.add_argument("--state", type=Path, help="the book (default: bank.sqlite in --keys)")
    parser.add_argument("--signature-encoding", choices=["base64", "hex"], default="base64")
    parser.add_argument("--seed", type=int, default=1, help="of which transfers go wrong")
    parser.add_argument("--hang-seconds", type=float, default=30.0)
    parser.add_argument("--slow-seconds", type=float, default=2.0)
    parser.add_argument(
        "--faults",
        default="",
        help="shares, such as lost_answer=0.01,dormant=0.005; known: "
        + ", ".join(TRANSFER_FAULTS + ACCOUNT_FAULTS),
    )
    asyncio.run(_run(parser.parse_args()))


async def _run(options: argparse.Namespace) -> None:
    partner = agree(options.keys, signature_encoding=options.signature_encoding)
    book = Book(options.state or options.keys / "bank.sqlite", seed=options.seed)
    for part in filter(None, options.faults.split(",")):
        fault, _, share = part.partition("=")
        if fault not in TRANSFER_FAULTS + ACCOUNT_FAULTS:
            raise SystemExit(f"unknown fault {fault}")
        book.set_share(fault, float(share))
    services = Services(
        book, Door(partner), hang_s=options.hang_seconds, slow_s=options.slow_seconds
    )
    behind = BehindTheCounter(book)

    async def handler(request: Request) -> Reply:
        if request.path.startswith("/sandbox/"):
            return behind.answer(request) or Reply(404)
        return services.answer(request) or Reply(404)

    server = await serve(handler, host=options.host, port=options.port)
    host, port = server.sockets[0].getsockname()[:2]
    print(json.dumps({"bank": f"http://{host}:{port}"}), flush=True)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, ended.set)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    main()

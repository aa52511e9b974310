"""The real `pcscd` with vsmartcard's reader, in network and mount namespaces of its own.

vpcd listens on every interface, so its network is one that nothing else is in. The socket that
programs speak to is a file, and is reached from outside.
"""

import ctypes
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

from sandbox.chip.vpcd import connect_here
from tests.conftest import PATIENCE_S

DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
CONFIGURATION = f"""FRIENDLYNAME "Virtual PCD"
DEVICENAME /dev/null:0x8C7B
LIBPATH {DRIVER}
CHANNELID 0x8C7B
"""
_CLONE_NEWNET = 0x40000000
#: `exec`, so that the process we started is pcscd itself.
_BEGIN = (
    'ip link set lo up && mount --bind "$1" /run/pcscd && '
    'exec pcscd --foreground --error -c "$2" >"$3" 2>&1'
)


def is_here() -> bool:
    """Say whether `make devices` was run here, and namespaces may be made."""
    if not (DRIVER.exists() and shutil.which("pcscd") and shutil.which("unshare")):
        return False
    tried = subprocess.run(["unshare", "-n", "-m", "true"], capture_output=True, check=False)
    return tried.returncode == 0


class Pcscd:
    """One running `pcscd`, which can be ended and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run, self.conf = folder / "run", folder / "conf"
        for made in (self.run, self.conf, Path("/run/pcscd")):
            made.mkdir(exist_ok=True)
        (self.conf / "vpcd").write_text(CONFIGURATION)
        self.process: subprocess.Popen | None = None

    @property
    def socket_name(self) -> str:
        return str(self.run / "pcscd.comm")

    def start(self) -> None:
        for left in self.run.iterdir():
            left.unlink()
        self.process = subprocess.Popen(
            ["unshare", "-n", "-m", "sh", "-c", _BEGIN, "sh", self.run, self.conf,
             self.folder / "log"],
        )  # fmt: skip
        wait_for((self.run / "pcscd.comm").exists, "pcscd")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE_S)
            self.process = None

    def connect(self) -> socket.socket:
        """Connect to vpcd from inside its network."""
        assert self.process is not None
        return inside(self.process.pid, lambda: wait_for(_try_connect, "vpcd"))


def _try_connect() -> socket.socket | None:
    try:
        return connect_here()
    except OSError:
        return None


def inside(pid: int, act: Callable[[], Any]) -> Any:
    """Do something in a thread that joined the network of a process; a socket keeps it."""
    results: list[Any] = []

    def run() -> None:
        place = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
        try:
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.setns(place, _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
            results.append(act())
        finally:
            os.close(place)

    thread = Thread(target=run)
    thread.start()
    thread.join(PATIENCE_S)
    assert results, "nothing came back from the other network"
    return results[0]


def wait_for(condition: Callable[[], Any], what: str, seconds: float = PATIENCE_S) -> Any:
    """Wait until something is there, with a deadline."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"no {what} within {seconds} seconds")

"""Trying something over a line that may fail, alone or several at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Thread
from typing import TYPE_CHECKING, Any

import httpx

from sandbox.phones.chain import Queued
from sandbox.phones.wire import OfflineError, RefusedByServerError

if TYPE_CHECKING:
    from sandbox.chaos.device import Device
    from sandbox.chaos.play import Play

HOUR = 3_600.0
NOTHING = "nothing to do"


def tried(device: Device, act: Callable[[], object]) -> str:
    """Do something over the network; give the refusal's code or why there was no answer."""
    try:
        act()
    except RefusedByServerError as refused:
        device.refused(refused)
        return refused.code
    except (OfflineError, httpx.TransportError):
        device.count("offline")
        return "no answer"
    return ""


def copied(play: Play, device: Device) -> list[Device]:
    """Copy a phone, key and all, once; give both and older copies, none where it may not be."""
    if device.ended or device.copied_at:
        return []
    device.copied_at = play.clock.now
    play.copies.append(device.copy())
    return play.alive(device.number)


def send(device: Device, batch: Sequence[Queued]) -> list[dict[str, Any]]:
    """Send events whatever was said of them before; give the answers, or none."""
    answers: list[dict[str, Any]] = []
    device.line.up = device.online
    tried(device, lambda: answers.extend(device.phone.send(list(batch))["answers"]))
    return answers


def together(acts: Sequence[Callable[[], object]]) -> None:
    """Do several things in the same moment."""
    threads = [Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

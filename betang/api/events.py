"""Events up, decisions down: the hot paths of the device API."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from betang.accounts.admit import Holder
from betang.api.answer import content, device_view, told
from betang.core import jose
from betang.core.errors import FieldsError
from betang.core.event.envelope import SEQ_MAX
from betang.core.jose import split
from betang.sync import arrive, ingest
from betang.sync.decisions import has_forks, read_after

DECISIONS_MAX = 500
#: What a device that keeps its own queue knows without being told; on 2G it says `brief=1`.
KNOWN_TO_SENDER = frozenset({"id", "sha256"})
KNOWN_TO_READER = frozenset({"event", "event_sha256"})


class NumberError(FieldsError):
    """A number of the query is none."""

    code = "query.number"
    sentence = "Nomor pada alamat harus berupa bilangan."
    do = "Perbaiki nomornya."


@device_view("POST", revoked=True)
def events(request: HttpRequest, holder: Holder, at: datetime) -> HttpResponse:
    """Take a batch of signed events and answer each."""
    key = jose.key_of(split(request.headers["DPoP"]).header["jwk"])
    batch = arrive.read_batch(content(request), dev=holder.short_id, key=key)
    report = ingest.ingest(batch, holder=holder, at=at)
    return told(
        {
            "answers": _brief(request, report.answers, KNOWN_TO_SENDER),
            "applied_seq": report.seq,
            "expected_seq": report.seq + 1,
            "state": report.state,
            "newest_decision": report.newest,
        }
    )


@device_view("GET")
def decisions(request: HttpRequest, holder: Holder, at: datetime) -> HttpResponse:
    """Give the decisions behind a number."""
    after = _number(request, "after", 0, 0, SEQ_MAX)
    limit = _number(request, "limit", DECISIONS_MAX, 1, DECISIONS_MAX)
    found = read_after(holder.id, after, limit + 1)
    # of two records at one place only the digest says which is meant
    known = KNOWN_TO_READER - {"event_sha256"} if has_forks(holder.id) else KNOWN_TO_READER
    lines = _brief(request, found[:limit], known)
    return told({"decisions": lines, "more": len(found) > limit})


def _brief(
    request: HttpRequest, lines: list[dict[str, Any]], known: frozenset[str]
) -> list[dict[str, Any]]:
    """Leave out what the device knows, where it asks for that: hashes do not pack."""
    if request.GET.get("brief") != "1":
        return lines
    return [{name: line[name] for name in line if name not in known} for line in lines]


def _number(request: HttpRequest, name: str, default: int, least: int, most: int) -> int:
    text = request.GET.get(name)
    if text is None or text == "":
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise NumberError(field=name)
    number = int(text)
    if not least <= number <= most:
        raise NumberError(field=name)
    return number

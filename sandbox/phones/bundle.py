"""What a device holds of its villages: bundle, leases and tickets, and what was decided."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from betang.core.lease import grant
from sandbox.phones.keys import Believer
from sandbox.phones.portraits import Portrait, asked, take
from sandbox.phones.tickets import Tickets
from sandbox.phones.wire import RefusedByServerError

#: Sections of a bundle that this device keeps, and need not be sent twice.
KEPT_SECTIONS = (
    *("areas", "programmes", "cycles", "benefits"),
    *("leases", "households", "entitlements", "cards", "days"),
)


class Taken(NamedTuple):
    """A right that came from another phone: in which lease, by which event, vouched for by whom."""

    lease: str
    seq: int
    kid: int


@dataclass
class Holder(Believer):
    """A device with families, rights and numbers in its care."""

    has_nfc: bool = False
    words: list[str] = field(default_factory=list)
    bundle: dict[str, Any] = field(default_factory=dict)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    rights: dict[str, str] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    leases: dict[str, grant.Lease] = field(default_factory=dict)
    tickets: Tickets = field(default_factory=Tickets)
    #: Portraits by household.
    portraits: dict[str, Portrait] = field(default_factory=dict)
    #: (lease, right) that went to another phone; and by right what came from one.
    handed_on: set[tuple[str, str]] = field(default_factory=set)
    taken: dict[str, Taken] = field(default_factory=dict)

    def enrol(self, code: str, key_hash: str | None = None) -> list[str]:
        """Enrol with a code (or the whole text of its QR) and give the six words."""
        if "#enrol=" in code:
            code, _, key_hash = code.partition("#enrol=")[2].partition(".")
        told = self.call(
            "POST",
            "/api/v1/devices/enrol",
            {"code": code, "app_version": self.app_version, "has_nfc": self.has_nfc},
        )
        self.short_id, self.uuid = told["device"]["short_id"], told["device"]["uuid"]
        self.words = told["words"]
        self.trust(told["ring"], key_hash)
        return self.words

    def fetch_portraits(self, *, pages: int = 100, **more: Any) -> int:
        """Fetch portraits page by page until none is lacking; give how many requests it took."""
        trips, going_on = 0, True
        while going_on and trips < pages:
            told = self.call("POST", "/api/v1/portraits", asked(self.portraits) | more)
            take(self.portraits, told)
            trips, going_on = trips + 1, told["left"] and told["portraits"]
        return trips

    def state(self) -> dict[str, Any]:
        """Ask where this device stands."""
        told: dict[str, Any] = self.call("GET", "/api/v1/device")
        return told

    def fetch(self) -> dict[str, Any]:
        """Fetch the bundle, if it changed, and read its leases."""
        held = f"&list={self.believed.cards.seq}" if self.believed.cards else ""
        told = self.call(
            "GET",
            f"/api/v1/bundle?since={self.bundle.get('version', '')}{held}"
            f"&keep={','.join(KEPT_SECTIONS)}&ring={self.believed.ring_version}",
        )
        if told["ring"]:
            self.trust(told["ring"], None)
            self.believed.ring_version = told["ring_version"]
        if told["unchanged"]:
            self.bundle["newest_decision"] = told["newest_decision"]
        else:
            self.bundle = told | {name: self.bundle[name] for name in told["kept"]}
        queued = {one.provisional for one in self.queue}
        self.numbers = [one for one in told["registration_numbers"] if one not in queued]
        if refused := self.believed.take_list(told["revocation"], self.bundle["issuer"]):
            self._count(f"refused_{refused}", 1)
        self._read_leases()
        if self.has_nfc and told.get("tickets", 0) != self.tickets.revision:
            self.tickets.fetch(self._page)
        return self.bundle

    def pull(self) -> list[dict[str, Any]]:
        """Read the new decisions."""
        fresh: list[dict[str, Any]] = []
        while True:
            after = self.decisions[-1]["number"] if self.decisions else 0
            told = self.call("GET", f"/api/v1/decisions?after={after}{self._brief('&')}")
            self.decisions += told["decisions"]
            fresh += told["decisions"]
            if not told["more"]:
                return fresh

    def _read_leases(self) -> None:
        """Hold the rights of those leases whose key may still vouch for them."""
        self.rights, self.leases = {}, {}
        for one in self.bundle["leases"]:
            key = self.lease_key(grant.key_named(one["jws"]))
            if key is None:
                self._count("leases_refused", 1)
                continue
            lease = grant.read(one["jws"], key)
            self.leases[str(lease.uuid)] = lease
            self.rights |= {
                str(right): str(lease.uuid)
                for right in lease.rights if (str(lease.uuid), str(right)) not in self.handed_on
            }  # fmt: skip
        # What came from another phone holds until the server has decided about it, and no longer
        # than its giver's lease would hold here.
        decided = {one["seq"] for one in self.decisions}
        self.rights |= {
            right: one.lease
            for right, one in self.taken.items()
            if one.seq not in decided and self.lease_key(one.kid)
        }

    def _page(self, since: int) -> bytes:
        answer = self.request("GET", f"/api/v1/tickets?since={since}")
        if answer.status_code >= 400:
            raise RefusedByServerError(answer.status_code, orjson.loads(answer.content))
        return answer.content

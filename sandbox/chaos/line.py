"""A phone's line to the server, which may be down, lose what it carries, or carry it twice."""

from dataclasses import dataclass

import httpx


@dataclass
class Line:
    """One device's way to the server. A number of faults to come stands in each field."""

    server: httpx.Client
    up: bool = True
    #: Answers that get lost after the server did its work.
    lose: int = 0
    #: Requests that get lost before the server heard.
    drop: int = 0
    #: Requests that the network delivers twice.
    twice: int = 0
    requests: int = 0
    lost: int = 0

    def get(self, url: str) -> httpx.Response:
        """Ask; a ping goes through or not, but is never what gets lost."""
        if not self.up:
            raise httpx.ConnectError("no signal here")
        self.requests += 1
        return self.server.get(url)

    def request(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Send a request; raises `httpx.TransportError` when it or its answer is lost."""
        if not self.up:
            raise httpx.ConnectError("no signal here")
        self.requests += 1
        if self.drop and method == "POST":
            self.drop -= 1
            self.lost += 1
            raise httpx.WriteError("lost on the way to the server")
        answer = self.server.request(method, url, content=content, headers=headers)
        if self.twice and method == "POST":
            self.twice -= 1
            self.server.request(method, url, content=content, headers=headers)
        if self.lose and method == "POST":
            self.lose -= 1
            self.lost += 1
            raise httpx.ReadError("the answer was lost")
        return answer


@dataclass
class Clock:
    """The simulated time, in seconds since 1970; whoever moves it tells the server's processes."""

    now: float

    def ticks(self) -> float:
        """Give the seconds that passed, as a phone's monotonic clock does."""
        return self.now

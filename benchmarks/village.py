"""A village as a phone meets it: 178 families with names, members and homes, and a day there.

Shared by the benchmark of bytes and by the test that holds the budget of docs/protocols/device.md.
"""

from dataclasses import dataclass, field
from typing import Any

import httpx

from sandbox.phones.phone import Phone

#: What one companion looks after (field.md): a village of Central Kalimantan, give or take.
FAMILIES = 178
#: A photo as the app makes it: 1,280 pixels wide, quality 0.6.
PHOTO_BYTES = 60_000

#: Names as they stand in lists, so that they pack as real ones do: never twice the same.
FURNISH = """
UPDATE registry_household h SET
    head_name = (ARRAY['Sumiati','Yanto','Ratna','Bambang','Herman','Siti','Lukas','Nyai','Dehen',
                       'Tambunan','Rusmini','Agau','Kristina','Udin','Sahrani'])[1 + h.id %% 15]
        || ' ' || (ARRAY['Uning','Djaga','Tuah','Aminah','Binti Abdurrahman','Sawang','Luhing',
                         'Mihing','Bahan','Ewang','Tundan'])[1 + h.id %% 11],
    address = 'Jl. ' || (ARRAY['Tjilik Riwut','Bukit Raya','Kahayan','Murjani','Mendawai'])
        [1 + h.id %% 5] || ' No. ' || (h.id * 7 %% 143), rt = lpad((1 + h.id %% 9)::text, 3, '0'),
    rw = lpad((1 + h.id %% 4)::text, 3, '0'), dwelling = (ARRAY['own','own','own','rent','river'])
        [1 + h.id %% 5],
    home_lat = -2.2 - (h.id * 7919 %% 9973) / 1e6, home_lng = 113.9 + (h.id * 6101 %% 9949) / 1e6,
    home_accuracy_m = 5 + h.id %% 13, home_grade = (ARRAY['A','A','B'])[1 + h.id %% 3]
WHERE h.village_id = %(village)s;
"""
MEMBERS = """
INSERT INTO registry_member (uuid, household_id, name, nik_last4, relation, is_head, presence,
                             left_province)
SELECT gen_random_uuid(), h.id,
    CASE m WHEN 1 THEN h.head_name ELSE (ARRAY['Rian','Dewi','Putri','Andi','Maya','Yosep','Linda',
        'Fajar'])[1 + (h.id * 3 + m * 5) %% 8] || ' ' || split_part(h.head_name, ' ', 2) END,
    lpad((h.id * 31 %% 9973 + m)::text, 4, '0'),
    (ARRAY['kepala keluarga','istri','anak','anak','orang tua'])[m], m = 1, 'alive', false
FROM registry_household h, LATERAL generate_series(1, 2 + h.id %% 4) m
WHERE h.village_id = %(village)s
  AND NOT (m = 1 AND EXISTS (SELECT FROM registry_member o WHERE o.household_id = h.id))
"""


@dataclass
class Wire:
    """What a client's requests cost on the wire: bodies as they travelled, and round trips."""

    trips: int = 0
    up: int = 0
    down: int = 0
    paths: list[str] = field(default_factory=list)

    def watch(self, client: httpx.Client) -> "Wire":
        """Count what `client` sends and gets from now on, headers included."""
        client.event_hooks = {"response": [self._count]}
        return self

    def _count(self, answer: httpx.Response) -> None:
        answer.read()
        request = answer.request
        self.trips += 1
        self.up += len(request.content) + _head(request.headers.raw) + len(str(request.url))
        self.down += answer.num_bytes_downloaded + _head(answer.headers.raw)
        self.paths.append(f"{request.method} {request.url.path}")


def serve_all(phone: Phone) -> None:
    """Deliver every right that the phone holds, with its card, a point, a signature, a home."""
    cards = {one["household"]: one["number"] for one in phone.bundle["cards"]}
    names = {one["uuid"]: one["head_name"] for one in phone.bundle["households"]}
    for n, right in enumerate(phone.bundle["entitlements"]):
        if right["uuid"] not in phone.rights:
            continue
        family = right["household"]
        number = cards.get(family)
        card: dict[str, Any] = {"number": number, "colour": "amber", "reason": "qr.valid"}
        card |= {"qr": True, "taps": []}
        point = {"lat": -2.2083 - n / 1e5, "lng": 113.916 + n / 1e5, "accuracy_m": 8.5}
        private = {
            "collector_name": names[family],
            "signature": signature(n),
            "home": {"lat": -2.2 - n / 1e5, "lng": 113.9 + n / 1e5, "accuracy_m": 6.0},
        }
        shown = {"card": card} if number else {}
        phone.deliver(right["uuid"], point=point, private=private, **shown)


def signature(seed: int) -> str:
    """Draw what a finger draws: three strokes, 120 points, as the app writes them."""
    text = ""
    for n in range(120):
        dx, dy = (seed * 7 + n * n * 5) % 9 - 3, (seed * 3 + n * n * 11) % 15 - 7
        if n % 40 == 0:
            text += f"M{40 + seed % 50 + n} {70 + dy}l"
        else:
            text += f"{'' if dx < 0 or n % 40 == 1 else ' '}{dx}{'' if dy < 0 else ' '}{dy}"
    return text


def _head(headers: Any) -> int:
    """Give the bytes of a message's head, its first line about thirty more."""
    return 32 + sum(len(name) + len(value) + 4 for name, value in headers)

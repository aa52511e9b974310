"""What the portraits of a village cost: held to docs/protocols/device.md, section 16."""

import io
import random

import pytest
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.village import FAMILIES, Wire
from betang.core.actor import Actor
from betang.core.identifiers import new_uuid
from betang.keys import blobs
from betang.registry.models import Household, Portrait
from betang.registry.picture import small_picture
from betang.registry.portraits import digest_of
from tests.sync.world import VILLAGES, World, make_world

HERE = VILLAGES[0]
TRIPS, UP, DOWN = 16, 20_000, 740_000


def somebody(chance: random.Random) -> bytes:
    """Somebody before a wall of planks, with the grain of a cheap camera: as hard as photos are."""
    seen = Image.new("RGB", (480, 640), (chance.randrange(256), chance.randrange(256), 120))
    pen = ImageDraw.Draw(seen)
    for x in range(0, 480, 24):
        pen.rectangle((x, 0, x + 20, 640), fill=(x % 200, 90 + x % 60, chance.randrange(200)))
    pen.ellipse((130, 110, 350, 420), fill=(140, 95, 60))
    grain = Image.effect_noise(seen.size, 40).convert("RGB")
    taken = Image.blend(seen, grain, 0.15).filter(ImageFilter.GaussianBlur(1))
    written = io.BytesIO()
    taken.save(written, "JPEG", quality=60)
    return written.getvalue()


@pytest.fixture
def village(db: None, keys: None, budi: Actor, wati: Actor) -> World:
    world = make_world(budi, wati, families=FAMILIES)
    now, chance = timezone.now(), random.Random(4)
    made = [small_picture(somebody(chance)) for _ in range(12)]
    for family in Household.objects.filter(village_id=HERE):
        picture = chance.choice(made)
        Portrait.objects.create(
            uuid=new_uuid(), household=family, event_sha256=family.uuid.bytes, source="visit",
            source_sha256=family.uuid.bytes, device=new_uuid(), consented_at=now, heard_at=now,
            state="shown", thumbnail_sha256=blobs.store(picture, at=now),
            digest=digest_of(family.uuid, picture),
        )  # fmt: skip
    return world


class TestAVillagesPortraits:
    def test_come_once_and_stay_in_the_budget(self, village: World):
        phone = village.confirmed(areas=(HERE,))
        assert phone.client is not None
        wire = Wire().watch(phone.client)

        trips = phone.fetch_portraits()
        up, down = wire.up, wire.down
        again = phone.fetch_portraits()

        assert len(phone.portraits) == FAMILIES
        assert max(len(one.picture) for one in phone.portraits.values()) <= 4096
        assert trips <= TRIPS
        assert up <= UP
        assert down <= DOWN
        assert again == 1
        assert wire.down - down < 1_500

"""The lost-phone drill (docs/operate/lost-phone.md), over the pages, with phones."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone

from betang.accounts.models import Device, RoleGrant, User
from betang.cards import custody
from betang.cards.issue import issue_cards
from betang.cards.models import Card
from betang.core.identifiers import new_uuid
from betang.distribution.models import Delivery, Entitlement, Lease
from sandbox.phones.phone import Phone
from sandbox.phones.wire import RefusedByServerError
from tests.sync.world import World, make_world

VILLAGE = 6201011001


@pytest.fixture
def world(db, keys, budi, wati) -> Iterator[World]:
    """A phone at work in one village: two deliveries sent, one not, three cards in the bag."""
    made = make_world(budi, wati)
    at = timezone.now()
    issue_cards(actor=budi, at=at, virtual_chips=True)
    Card.objects.update(state="printed")
    custody.receive(actor=budi, at=at)
    phone = made.leased(areas=(VILLAGE,))
    numbers = (
        Card.objects.filter(village_id=VILLAGE).order_by("pk").values_list("number", flat=True)
    )
    custody.entrust_numbers(made.device(phone).uuid, list(numbers[:3]), actor=budi, at=at)
    for right in list(phone.rights)[:2]:
        phone.deliver(right)
    phone.push()
    phone.deliver(list(phone.rights)[2])
    yield made
    let_phones_call()


def sit_down(world: World, name: str, role: str = "supervisor") -> Client:
    user = User.objects.create(username=name, full_name=name.title(), person=new_uuid())
    RoleGrant.objects.create(
        user=user, role=role, proposed_by_person=world.actor.person,
        approved_by_person=world.second.person, from_at=world.at,
    )  # fmt: skip
    client = Client()
    client.force_login(user)
    return client


def let_phones_call() -> None:
    """Let phones call the site in this process again: a browser's request shuts the connection."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)


def post(client: Client, page: str, **said: str) -> str:
    """Do one step and give the page that follows."""
    answer = client.post(page, said, follow=True)
    let_phones_call()
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def look(client: Client, page: str) -> Any:
    """Open the page."""
    answer = client.get(page)
    let_phones_call()
    return answer


def refusal(asking) -> str:
    with pytest.raises(RefusedByServerError) as refused:
        asking()
    return refused.value.code


class TestTheDrill:
    def test_leads_from_a_lost_phone_to_one_that_serves(self, world: World):
        old = world.phones[0]
        page = f"/gawai/{world.device(old).uuid}/ganti/"
        dewi, tuti = sit_down(world, "dewi"), sit_down(world, "tuti")

        # 1. stopped, and told to wipe itself
        post(dewi, page, step="stop", happened="hilang", reason="Di perahu ke Tumbang Malahoi.")
        assert refusal(old.fetch) == "device.revoked"
        assert refusal(lambda: old.reserve(card="62123456789701")) == "device.revoked"
        assert world.device(old).wipe_ordered_at is not None

        # 2. a code for the new one, on the same page
        shown = post(dewi, page, step="code")
        code = re.search(r"#enrol=[\w.-]+", shown)[0]  # type: ignore[index]
        new = Phone(settings.ORIGIN, old.client)
        new.enrol(f"{settings.ORIGIN}/lapangan/{code}")
        assert world.device(new).replaces == world.device(old)

        # 3. six words
        post(dewi, page, step="confirm", words=" ".join(new.words))
        assert [row.area_id for row in world.device(new).areas.all()] == [VILLAGE]

        # 4. what it held, by two
        assert "Menunggu persetujuan orang kedua" in post(
            dewi, page, step="move", move_reason="HP hilang di sungai."
        )
        assert not Lease.objects.filter(device=world.device(new)).exists()
        post(tuti, page, step="agree")

        # 5. the bag of cards
        post(tuti, page, step="cards")
        assert Card.objects.filter(custodian_device=world.device(new).uuid).count() == 3

        # 6. what may be missing is told
        shown = look(dewi, page).content.decode()
        assert f"{old.short_id}-2" in shown
        assert "Selesai" in shown

        # the new phone serves who was not served; the old one's record waits and cannot count
        new.fetch()
        assert len(new.rights) == 4
        third = old.queue[-1]
        for right in new.rights:
            new.deliver(right)
        assert {one["answer"] for one in new.push()} == {"stored"}
        assert {one["code"] for one in new.pull()} == {"ok"}
        assert [one["answer"] for one in old.push()] == ["stored"]
        assert third.seq == 3
        assert Delivery.objects.filter(counted=True).count() == 6
        assert Entitlement.objects.filter(village_id=VILLAGE, state="delivered").count() == 6
        assert look(dewi, page).context["missing"]["waiting"] == 1

    def test_refuses_each_step_before_its_turn_and_keeps_what_was_typed(self, world: World):
        page = f"/gawai/{world.device(world.phones[0]).uuid}/ganti/"
        dewi = sit_down(world, "dewi")

        wrong = {
            "Pilih apa yang terjadi": {"step": "stop", "reason": "Di perahu."},
            "Tulis alasannya": {"step": "stop", "happened": "hilang"},
            "belum didaftarkan": {"step": "move", "move_reason": "Hilang."},
        }
        for sentence, said in wrong.items():
            answer = dewi.post(page, said)
            assert answer.status_code == 422
            assert sentence in answer.content.decode()
        assert (
            'value="Di perahu."'
            in dewi.post(page, wrong["Pilih apa yang terjadi"]).content.decode()
        )
        assert world.device(world.phones[0]).state == "active"

    def test_moves_nothing_by_one_person_alone(self, world: World):
        old = world.phones[0]
        page = f"/gawai/{world.device(old).uuid}/ganti/"
        dewi = sit_down(world, "dewi")
        post(dewi, page, step="stop", happened="rusak", reason="Layar pecah.")
        new = world.confirmed(areas=(VILLAGE,))
        Device.objects.filter(short_id=new.short_id).update(replaces=world.device(old))
        post(dewi, page, step="move", move_reason="Layar pecah.")

        answer = dewi.post(page, {"step": "agree"})

        assert answer.status_code == 422
        assert Lease.objects.get().device == world.device(old)
        post(sit_down(world, "tuti"), page, step="return")
        assert look(dewi, page).context["waiting"] == 0

    @pytest.mark.parametrize(("role", "status"), [("auditor", 403), ("dinsos_province", 403)])
    def test_is_walked_only_by_who_manages_devices(self, world: World, role, status):
        page = f"/gawai/{world.device(world.phones[0]).uuid}/ganti/"

        assert sit_down(world, "rina", role).get(page).status_code == status

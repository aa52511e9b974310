"""An answer that is lost on its way: the server has the record, the phone does not know it.

The line between them is real TCP and breaks in the middle of an answer; the phone is switched off,
and brings the same bytes again when the line holds. Nothing stands twice, nothing is missing.
"""

from collections.abc import Iterator

import pytest

from betang.distribution.models import Delivery, Entitlement
from betang.keys import blobs
from betang.sync.models import Attachment, Decision, FieldEvent
from betang.sync.read_said import open_attachment
from tests.conftest import LiveBetang
from tests.fieldapp.conftest import open_phone_in_the_village
from tests.fieldapp.line import Line
from tests.fieldapp.office import SERVED
from tests.fieldapp.steps import (
    first_card,
    name_a_representative,
    open_records,
    prepare_in_the_office,
    serve_the_head,
)
from tests.holding import wait_until
from tests.sync.books import assert_whole

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def line(live_betang: LiveBetang) -> Iterator[Line]:
    """The only way from phone to server: what the phone knows as the server's address."""
    made = Line(int(live_betang.origin.rsplit(":", 1)[1]))
    live_betang.environment["BETANG_ORIGIN"] = made.origin
    yield made
    made.close()


def is_unsent(page) -> None:
    """The records' screen says that the phone alone has it, and that it goes by itself."""
    open_records(page)
    page.locator("li .chip", has_text="Di HP ini").wait_for()


@pytest.mark.parametrize("after_bytes", [0, 60], ids=["whole", "half"])
def test_an_event_and_a_photo_whose_answers_were_lost_are_there_once(
    live_betang, line, village, phone, camera, budi, picture, after_bytes
):
    card = first_card(SERVED)
    sight = camera(card.qr)
    live_betang.start("site")
    prepare_in_the_office(phone(camera=sight), live_betang, village, budi, origin=line.origin)
    live_betang.kill("site")
    page = open_phone_in_the_village(phone, line.origin, sight)
    page.get_by_role("button", name="Pindai").click()
    page.get_by_role("button", name="Lanjut", exact=True).click()
    name_a_representative(page, picture)
    page.get_by_role("button", name="Serahkan dan simpan").click()
    page.get_by_text("Tersimpan di HP ini").wait_for()
    page.context.close()

    line.lose("POST /api/v1/events", after_bytes=after_bytes)
    live_betang.start("site")
    page = open_phone_in_the_village(phone, line.origin, sight)
    wait_until(lambda: len(line.lost) > 0, page, "the phone sent nothing")
    assert FieldEvent.objects.count() == 1  # the server has it before it answers
    is_unsent(page)
    page.context.close()
    live_betang.kill("site")

    page = open_phone_in_the_village(phone, line.origin, sight)  # no server: it is still here
    is_unsent(page)
    page.context.close()
    line.lose("PATCH /api/v1/blobs/", after_bytes=after_bytes)
    live_betang.start("site")
    page = open_phone_in_the_village(phone, line.origin, sight)
    wait_until(lambda: line.lost[-1].startswith("PATCH"), page, "no photo was sent")
    open_records(page)
    page.locator("li .chip", has_text="Disahkan").wait_for()
    page.context.close()

    line.mend()
    page = open_phone_in_the_village(phone, line.origin, sight)
    open_records(page)
    wait_until(lambda: blobs.SealedBlob.objects.count() == 2, page, "the photos did not come")
    page.locator("li .chip", has_text="Disahkan").wait_for()
    assert page.locator("li .chip").count() == 1
    page.context.close()

    event, decision, told = FieldEvent.objects.get(), Decision.objects.get(), Attachment.objects
    assert (event.seq, decision.outcome, decision.code) == (1, "accepted", "ok")
    right = Entitlement.objects.get(household_id=card.household_id, channel="hand")
    delivery = Delivery.objects.get()
    assert (delivery.entitlement_id, delivery.counted, right.state) == (right.pk, True, "delivered")
    said = open_attachment(bytes(told.get().sha256))
    assert said["collector_name"] == "Ibu Ratna"
    assert said["signature"].startswith("M")
    photos = blobs.SealedBlob.objects.values_list("sha256", flat=True)
    assert [blobs.fetch(bytes(photo))[:2] for photo in photos] == [b"\xff\xd8"] * 2
    assert_whole()


def test_a_request_that_the_browser_sends_twice_by_itself_is_told_to_nobody(
    live_betang, line, village, phone, camera, budi
):
    sight = camera(first_card(SERVED).qr)
    live_betang.start("site")
    prepare_in_the_office(phone(camera=sight), live_betang, village, budi, origin=line.origin)
    page = open_phone_in_the_village(phone, line.origin, sight)
    page.get_by_text("Tersambung").wait_for()

    line.lose("POST /api/v1/events", times=1)  # Chromium repeats it where the connection was used
    serve_the_head(page)

    page.get_by_text("sudah diterima server").wait_for()
    page.get_by_role("button", name="Selesai").click()
    open_records(page)
    page.locator("li .chip", has_text="Disahkan").wait_for()
    sent = [asked for asked in line.asked if asked.startswith("POST /api/v1/events")]
    assert len(line.lost) == 1
    assert len(sent) in {2, 3}  # lost; the same bytes by the browser; a new proof
    assert page.get_by_text("sudah pernah dipakai").count() == 0
    assert (FieldEvent.objects.count(), Delivery.objects.count()) == (1, 1)

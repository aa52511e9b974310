"""Rounds of synchronisation beside the work of the day: nothing waits for the next minute's round,
and no card is judged between the old leases and the new ones."""

import pytest

from tests.fieldapp.conftest import at_rest, begin_round, enrol, without_minutes

pytestmark = [pytest.mark.browser]

#: Remember every state in which the screen was left, however short.
WATCH = """
globalThis.shown = new Set();
const look = () => shown.add(document.body.innerText.includes("Belum ada penugasan"));
new MutationObserver(look).observe(document.body, { childList: true, subtree: true,
                                                     characterData: true });
look();
"""


def test_what_is_recorded_during_a_round_is_sent_right_after_it(phone, stand_in, camera):
    page = without_minutes(phone(camera=camera(stand_in.card_text(0))))
    enrol(page, stand_in.code())
    page.get_by_text("keluarga belum dilayani").wait_for()
    at_rest(page)
    stand_in.bundles.clear()
    with page.expect_request("**/api/v1/bundle?*"):
        begin_round(page)  # it has sent what there was, and waits for the bundle

    page.get_by_role("button", name="Pindai").click()
    page.get_by_role("button", name="Lanjut").click()
    page.get_by_text("Kepala keluarga").click()
    page.get_by_role("button", name="Serahkan dan simpan").click()
    page.get_by_text("Tersimpan di HP ini").wait_for()
    assert stand_in.events == []
    stand_in.bundles.set()

    page.get_by_text("sudah diterima server").wait_for()


def test_new_families_never_leave_a_moment_without_leases(phone, stand_in):
    page = phone()
    enrol(page, stand_in.code())
    page.get_by_text("keluarga belum dilayani").wait_for()
    at_rest(page)
    page.evaluate(WATCH)

    for _ in range(5):
        with page.expect_response("**/api/v1/bundle?*"):
            begin_round(page)
        at_rest(page)

    assert page.evaluate("[...shown]") == [False]

"""A phone that cannot read its own code reader says so, goes by numbers, and reads it next time."""

import pytest

from tests.fieldapp.conftest import enrol, wait_for_worker

#: Takes a kept file of the app away, as a phone does that is short of space.
LOSE = """
async (ending) => {
  let lost = 0;
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const { url } of await cache.keys()) {
      if (new RegExp(ending).test(url)) lost += Number(await cache.delete(url));
    }
  }
  return lost;
}
"""


@pytest.mark.parametrize("file", [r"\.wasm$", r"ponyfill-.*\.js$"], ids=["wasm", "script"])
def test_a_reader_that_did_not_load_is_told_and_tried_anew(phone, stand_in, camera, file):
    page = phone(camera=camera(stand_in.card_text(0)))
    enrol(page, stand_in.code())
    page.get_by_text("keluarga belum dilayani").wait_for()
    wait_for_worker(page)
    assert page.evaluate(LOSE, file) == 1
    stand_in.stop()

    page.get_by_role("button", name="Pindai").click()

    page.get_by_text("Pembaca kode tidak dapat dimuat").wait_for()
    page.get_by_role("button", name="Ketik nomor kartu").click()
    page.get_by_label("Nomor kartu").fill(stand_in.families[0]["card"]["number"])
    stand_in.start()
    page.get_by_role("button", name="Kembali ke kamera").click()

    page.get_by_role("button", name="Lanjut").wait_for()
    assert page.get_by_text("Sumiati").count() > 0

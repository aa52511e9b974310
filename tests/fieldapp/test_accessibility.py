"""Every screen by axe, in the browser: WCAG A and AA, and the contrast of AAA, light and dark."""

from pathlib import Path

import pytest

from tests.fieldapp.conftest import enrol, type_pin

pytestmark = [pytest.mark.browser]

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
OPTIONS = """{
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  rules: { "color-contrast-enhanced": { enabled: true }, region: { enabled: false } },
}"""


def faults(page) -> list[str]:
    """What axe finds on the screen as it is."""
    page.wait_for_timeout(150)
    page.evaluate(AXE.read_text())
    found = page.evaluate(f"axe.run(document, {OPTIONS}).then(result => result.violations)")
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_screen_can_be_read_and_used(phone, stand_in, camera, dark):
    stand_in.confirmed = False
    page = phone(camera=camera(stand_in.card_text(0)), dark=dark)
    seen: dict[str, list[str]] = {}

    page.goto(f"{stand_in.origin}/lapangan/")
    page.get_by_text("Daftarkan HP ini").wait_for()
    seen["enrol"] = faults(page)
    page.goto("about:blank")
    enrol(page, stand_in.code())
    page.get_by_text("Bacakan enam kata ini").wait_for()
    seen["words"] = faults(page)
    stand_in.confirmed = True
    page.get_by_text("keluarga belum dilayani").wait_for()
    seen["today"] = faults(page)
    for tab in ("Keluarga", "Catatan", "Panduan"):
        page.get_by_role("button", name=tab, exact=True).click()
        seen[tab] = faults(page)
    page.get_by_role("button", name="Keluarga", exact=True).click()
    page.get_by_role("button", name="Daftarkan keluarga baru").click()
    page.get_by_text("Tanpa tempat tinggal tetap").click()
    page.get_by_role("button", name="Tambah anggota").click()
    seen["register"] = faults(page)
    page.get_by_label("Nama", exact=True).first.fill("Nyai Undang")
    page.get_by_label("Titik acuan").fill("Di bawah jembatan")
    page.get_by_role("button", name="Hapus anggota ini").click()
    page.get_by_role("radio", name="Panarung").check()
    page.get_by_role("button", name="Daftarkan keluarga", exact=True).click()
    page.get_by_text("Nomor sementara", exact=True).wait_for()
    seen["registered"] = faults(page)
    page.get_by_role("button", name="Selesai").click()
    page.get_by_role("button", name="Keluarga", exact=True).click()
    page.get_by_role("button", name="Ratna").click()
    seen["family"] = faults(page)
    for entry in ("Tempat tinggal", "Hasil kunjungan", "Masalah", "Kartu tidak dapat",
                  "Tidak jadi diserahkan", "Ketik dari kertas"):  # fmt: skip
        page.get_by_role("button", name=entry).click()
        seen[entry] = faults(page)
        page.go_back()
    page.go_back()
    page.get_by_role("button", name="Pindai").click()
    page.get_by_role("heading", name="Kartu asli").wait_for()
    seen["green"] = faults(page)
    page.get_by_role("button", name="Lanjut").click()
    page.get_by_text("Yang mewakili").click()
    page.get_by_text("Yang diserahkan kurang dari ini").click()
    page.get_by_label("Bidang tanda tangan").wait_for()
    seen["deliver"] = faults(page)
    page.reload()
    page.get_by_text("Ketik PIN").wait_for()
    seen["unlock"] = faults(page)
    type_pin(page)

    assert {screen: found for screen, found in seen.items() if found} == {}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_deeds_and_a_practice_can_be_read_and_used(phone, stand_in, camera, dark):
    stand_in.parcel = True
    page = phone(camera=camera(stand_in.card_text(0)), dark=dark)
    seen: dict[str, list[str]] = {}
    enrol(page, stand_in.code())
    page.get_by_text("keluarga belum dilayani").wait_for()

    page.get_by_role("button", name="Pindai").click()
    page.get_by_role("button", name="Lanjut").click()
    page.get_by_text("Kepala keluarga").click()
    page.get_by_role("button", name="Serahkan dan simpan").click()
    page.get_by_role("button", name="Tunjukkan tanda terima").click()
    seen["receipt"] = faults(page)
    page.go_back()
    page.get_by_role("button", name="Selesai").click()
    page.get_by_role("button", name="Hitung kiriman kartu").click()
    page.get_by_role("button", name="Ada yang kurang atau lebih").click()
    seen["parcels"] = faults(page)
    page.go_back()
    page.get_by_role("button", name="Panduan").click()
    page.get_by_role("button", name="Tampilan dan bunyi").click()
    page.get_by_text("Kontras tinggi").click()
    seen["settings in the sun"] = faults(page)
    page.go_back()
    page.get_by_role("button", name="Laporkan masalah").click()
    page.get_by_text("Ada pungutan").click()
    seen["levy"] = faults(page)
    page.go_back()
    page.get_by_role("button", name="Mulai latihan").click()
    seen["practice"] = faults(page)
    page.get_by_role("button", name="Pindai").click()
    seen["practice cards"] = faults(page)
    page.go_back()
    page.get_by_role("button", name="Akhiri").click()

    assert {screen: found for screen, found in seen.items() if found} == {}

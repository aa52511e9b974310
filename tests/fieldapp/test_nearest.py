"""Who walks from house to house without a signal sees whose home is near, and which way."""

import pytest
from playwright.sync_api import expect

from tests.fieldapp.conftest import enrol, wait_for_worker

pytestmark = [pytest.mark.browser]
#: Where the conftest's phone stands.
HERE = {"lat": -2.2083, "lng": 113.916}


@pytest.fixture
def page(phone, stand_in):
    """A phone without a signal whose families live far, near, and nowhere known."""
    homes = [(0.02, 0.0), (-0.002, 0.002), (0.0, -0.0005)]
    for family, (north, east) in zip(stand_in.families, homes, strict=False):
        point = {"lat": HERE["lat"] + north, "lng": HERE["lng"] + east}
        family["household"]["home"] = point | {"accuracy_m": 8.0, "grade": "good"}
    for family in stand_in.families[len(homes) :]:
        family["household"] |= {"home": None, "anchor": "dermaga desa"}
    page = phone()
    enrol(page, stand_in.code())
    page.get_by_text("keluarga belum dilayani").wait_for()
    wait_for_worker(page)
    stand_in.stop()
    page.get_by_role("button", name="Keluarga", exact=True).click()
    return page


def test_the_nearest_home_comes_first_and_opens_from_the_map(page, stand_in):
    names = [family["household"]["head_name"] for family in stand_in.families]
    page.get_by_label("Terdekat dahulu").check()

    rows = page.locator("ul.lines .line")
    expect(rows.nth(0)).to_contain_text(names[2])
    expect(rows.nth(0)).to_contain_text("60 m ke barat")
    expect(rows.nth(1)).to_contain_text("310 m ke tenggara")
    expect(rows.nth(2)).to_contain_text("2,2 km ke utara")
    expect(rows.nth(3)).to_contain_text("titik rumah belum ada: dermaga desa")

    page.get_by_text("1 rumah lain lebih jauh.").wait_for()
    page.get_by_role("group", name="Peta rumah di sekitar").get_by_role(
        "button", name=names[1]
    ).click()
    page.get_by_role("heading", name=names[1]).wait_for()


def test_without_a_position_it_says_so_and_keeps_the_list(page, stand_in):
    page.context.clear_permissions()
    page.get_by_label("Terdekat dahulu").check()

    page.get_by_text("Izinkan lokasi untuk aplikasi ini").wait_for()
    assert page.get_by_role("group", name="Peta rumah di sekitar").count() == 0
    expect(page.locator("ul.lines .line")).to_have_count(len(stand_in.families))

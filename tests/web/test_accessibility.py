"""Every page by axe, in the browser: WCAG A and AA, light and dark, on a desk and on a phone."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Page, sync_playwright

from betang.accounts.models import RoleGrant, User
from betang.core.identifiers import new_uuid
from betang.distribution.models import Entitlement
from betang.eligibility.models import Run
from betang.errands.models import Errand
from betang.payments.models import BankAccount, Disbursement, Order
from betang.programmes.models import Cycle, RuleSet
from betang.registry.models import Household
from tests.signed_in import let_in
from tests.sync.world import VILLAGES, World, make_world

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = [pytest.mark.browser, pytest.mark.server]
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
OPTIONS = '{runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}'
PATHS = (
    "/", "/?tampilan=tabel", "/?dinding=1", "/wilayah/6201/", f"/wilayah/{VILLAGES[0]}/",
    "/peringatan/", "/keluarga/", "/kartu/", "/tahap/", "/penerimaan/", "/penerimaan/unggah/",
    "/aturan/", "/aturan/usul/", "/penilaian/", "/gawai/", "/penyaluran/", "/pengguna/",
    "/penyaluran/rekening/", "/akun/", "/akun/sandi/", "/akun/pengaman/", "/kasus/", "/k",
    "/tidak-ada/",
)  # fmt: skip


def faults(page: Page) -> list[str]:
    """What axe finds on the page as it is, and whether it is wider than its window."""
    found: list[dict[str, Any]] = page.evaluate(
        f"axe.run(document, {OPTIONS}).then(result => result.violations)"
    )
    told = [
        f"{each['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:200]}"
        for each in found
        for node in each["nodes"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        told.append("wider than the window")
    return told


def details(world: World) -> list[str]:
    """The pages of one thing, with long work in its states: cut off, waiting, refused."""
    order = Order.objects.create(
        cycle=world.cycle, state="approved", count=1, total_rupiah=250_000, digest="0" * 64,
        prepared_by_person=new_uuid(), prepared_at=world.at, approved_by_person=new_uuid(),
        approved_at=world.at,
    )  # fmt: skip
    prepared = Order.objects.create(
        cycle=world.cycle, count=1, total_rupiah=250_000, digest="0" * 64,
        prepared_by_person=new_uuid(), prepared_at=world.at,
    )  # fmt: skip
    right = Entitlement.objects.filter(channel="bank").first()
    assert right is not None
    account = BankAccount.objects.create(
        household=right.household, number_sealed=b"", number_index=b"", number_last4="0001",
        holder_name="Warga", opened_at=world.at,
    )  # fmt: skip
    Disbursement.objects.create(
        order=order, entitlement=right, account=account, village_id=right.village_id,
        reference=f"HB202601{right.household.number}", amount_rupiah=250_000, state="failed",
        answer="4031718",
    )  # fmt: skip
    planned = Cycle.objects.create(
        programme=world.programme, code="202602", name="Tahap II", opens_on="2026-01-01",
        closes_on="2026-03-01",
    )  # fmt: skip
    told = {"sentence": "Saldo habis.", "do": "Isi dahulu.", "code": "x"}
    for kind, about, more in (
        ("send", order.uuid, {"state": "running", "begun_at": world.at, "step": "Mengirim"}),
        ("reconcile", order.uuid, {"state": "waiting"}),
        ("open", planned.uuid, {"state": "failed", "ended_at": world.at}),
        ("judge", world.programme.uuid, {"state": "refused", "ended_at": world.at, "told": told}),
    ):
        Errand.objects.create(
            kind=kind, about=about, asked_by=new_uuid(), asked_at=world.at, **more
        )
    return [
        f"/tahap/{world.cycle.uuid}/", f"/tahap/{planned.uuid}/", f"/penyaluran/{order.uuid}/",
        f"/penyaluran/{prepared.uuid}/", f"/penilaian/{Run.objects.get().uuid}/",
        f"/aturan/{RuleSet.objects.get().uuid}/",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("scheme", "width", "height"), [("light", 1366, 768), ("dark", 1366, 768), ("light", 360, 740)]
)
def test_no_page_has_a_fault(live_betang, keys, budi, wati, scheme, width, height):
    world = make_world(budi, wati)
    user = User.objects.create(username="dina", full_name="Dina")
    for role in ("dinsos_province", "supervisor", "treasurer", "admin"):
        RoleGrant.objects.create(
            user=user, role=role, proposed_by_person=budi.person,
            approved_by_person=wati.person, from_at=world.at,
        )  # fmt: skip
    household = Household.objects.first()
    assert household is not None
    live_betang.start("site")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-quic"],
        )
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
        )
        let_in(context, user, live_betang)
        page = context.new_page()
        wrong = {}
        for path in (*PATHS, f"/keluarga/{household.uuid}/", *details(world)):
            page.goto(live_betang.origin + path, wait_until="domcontentloaded")
            page.add_script_tag(path=AXE)
            found = faults(page)
            if found:
                wrong[path] = found
        page.context.clear_cookies()
        page.goto(f"{live_betang.origin}/masuk/")
        page.add_script_tag(path=AXE)
        if found := faults(page):
            wrong["/masuk/"] = found
        browser.close()
        connections.close_all()
    assert wrong == {}

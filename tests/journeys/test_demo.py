"""One command shows a cycle of aid; its site shows what its summary says."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from benchmarks.served import free_port
from tests.conftest import PATIENCE_S

FAMILIES = 600
CHROMIUM = "/usr/bin/chromium"
PASSWORD = "rumah panjang contoh"
pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.xdist_group("demo")]


class Demo:
    """A demonstration in a folder of its own: the command, its summary, its origin."""

    def __init__(self, var: Path) -> None:
        port, stream_port = free_port(), free_port()
        self.var, self.took_s = var, 0.0
        self.origin = f"http://localhost:{port}"
        self.stream_origin = f"http://localhost:{stream_port}"
        self.environment = {
            key: value for key, value in os.environ.items() if not key.startswith("BETANG_")
        } | {
            "BETANG_VAR": str(var),
            "BETANG_ORIGIN": self.origin,
            "BETANG_STREAM_ORIGIN": self.stream_origin,
        }
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)

    def command(self, *options: str) -> list[str]:
        words = ["--families", str(FAMILIES), "--devices", "14", "--json"]
        return [sys.executable, "-m", "betang", "demo", *words, *options]

    def start(self, *options: str) -> "subprocess.Popen[str]":
        with (self.var.parent / "demo.log").open("a") as log:
            return subprocess.Popen(
                self.command(*options), env=self.environment, stdout=subprocess.PIPE, stderr=log,
                text=True,
            )  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, dict]]:
    """A demonstration that came to its end and goes on serving."""
    made = Demo(tmp_path_factory.mktemp("demo") / "rumah contoh" / "var")
    made.var.parent.mkdir()
    began = time.monotonic()
    process = made.start()
    assert process.stdout
    line = process.stdout.readline()
    assert line, (made.var.parent / "demo.log").read_text()[-4000:]
    made.took_s = time.monotonic() - began
    yield made, json.loads(line)
    process.send_signal(signal.SIGINT)
    process.wait(PATIENCE_S)
    process.stdout.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


def signed_in(browser: Browser, demo: Demo, username: str):
    page = browser.new_context(locale="id-ID").new_page()
    page.goto(f"{demo.origin}/masuk/")
    page.get_by_label("Nama pengguna").fill(username)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url(f"{demo.origin}/")
    return page


def listens(origin: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(origin.rsplit(":", 1)[1]))) == 0


class TestTheSummary:
    def test_counts_what_was_refused_and_why_the_rest_was_served(self, demo):
        _, told = demo

        assert told["families_listed"] > 0.9 * FAMILIES
        assert told["rows_held"] > 0
        assert told["families_refused"] > 0
        judged = told["families_refused"] + told["families_undecided"] + told["enrolled"]
        assert judged == told["families_listed"]
        assert told["cards_issued"] == told["enrolled"] > 100

    def test_shows_doubles_copies_and_clones_refused(self, demo):
        _, told = demo

        assert told["double_attempts_refused"] > 0
        assert told["cards_copied_refused"] > 0
        assert told["devices_frozen"] == 2
        assert told["alerts"] > 0
        assert told["cases_opened"] > 0

    def test_shows_aid_online_and_offline_and_never_twice(self, demo):
        _, told = demo

        assert told["delivered_online"] > 0
        assert told["delivered_offline"] > told["delivered_online"]
        assert told["delivered_online"] + told["delivered_offline"] <= told["enrolled"]
        assert told["cards_handed_over"] <= told["cards_issued"]

    def test_shows_each_family_paid_once_and_the_books_balance(self, demo):
        _, told = demo

        assert 0 < told["paid"] <= told["enrolled"]
        assert told["paid_rupiah"] == told["paid"] * 250_000
        assert told["reconciled"] == told["paid"]
        assert told["paid_twice"] == 0
        assert told["books_balance"] is True


class TestTheSite:
    def test_shows_the_governor_the_same_numbers_and_no_family(self, demo, browser):
        made, told = demo
        page = signed_in(browser, made, "gubernur")

        served = told["delivered_online"] + told["delivered_offline"]
        expect(page.locator("dl.figures [data-figure=served]")).to_have_text(str(served))
        assert page.goto(f"{made.origin}/keluarga/").status == 403

    def test_explains_to_a_clerk_why_a_family_was_chosen(self, demo, browser):
        made, _ = demo
        page = signed_in(browser, made, "budi")
        page.goto(f"{made.origin}/keluarga/")
        page.get_by_role("row").filter(has_text="Aktif").first.get_by_role("link").first.click()

        expect(page.get_by_text("Desil", exact=False).first).to_be_visible()
        alone = re.compile(r"(?<![0-9A-Z])[0-9]{16}(?![0-9])")  # not the digits of a reference
        assert not alone.search(page.locator("main").inner_text()), "a NIK is shown whole"

    def test_tells_anybody_about_a_campaign_card_without_a_name(self, demo, browser):
        made, _ = demo
        page = browser.new_context().new_page()
        page.goto(f"{made.origin}/k")

        expect(page.get_by_role("textbox").first).to_be_visible()

    def test_turns_a_stranger_to_the_door(self, demo, browser):
        made, _ = demo
        page = browser.new_context().new_page()
        page.goto(f"{made.origin}/kartu/")

        assert "/masuk/" in page.url


class TestASecondRun:
    def test_refuses_a_port_that_is_taken_and_says_what_to_do(self, demo):
        made, _ = demo

        ran = subprocess.run(
            made.command("--no-serve"), check=False, env=made.environment, capture_output=True,
            text=True,
        )  # fmt: skip

        assert ran.returncode == 1
        assert "BETANG_ORIGIN" in ran.stderr
        assert "Traceback" not in ran.stderr


class TestTheEnd:
    """Last of the module: it stops the demonstration that the others look at."""

    def test_leaves_no_process_keeps_the_data_and_is_quick_the_second_time(self, demo):
        made, told = demo
        ours = [
            process
            for process in psutil.process_iter(["cmdline"])
            if "demo" in (process.info["cmdline"] or [])
            and process.is_running()
            and process.environ().get("BETANG_VAR") == str(made.var)
        ]
        for process in ours:
            process.send_signal(signal.SIGTERM)
        psutil.wait_procs(ours, timeout=PATIENCE_S)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and (listens(made.origin) or listens(made.stream_origin)):
            time.sleep(0.2)
        assert not listens(made.origin)
        assert not listens(made.stream_origin)

        began = time.monotonic()
        ran = subprocess.run(
            made.command("--no-serve"), check=True, env=made.environment, capture_output=True,
            text=True,
        )  # fmt: skip

        again = json.loads(ran.stdout)
        assert time.monotonic() - began < made.took_s, "everything was made once more"
        assert {key: again[key] for key in told if key not in {"alerts", "journal_entries"}} == {
            key: told[key] for key in told if key not in {"alerts", "journal_entries"}
        }

"""A drawing that is killed at any moment: no card twice, none missing; two drawers, one draws."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import psutil
import pypdfium2
import pytest
import zxingcpp
from django.db import connection, transaction

from betang import cluster
from betang.accounts.models import Role, RoleGrant, User
from betang.cards.issue import issue_cards
from betang.cards.models import Card, PrintRun
from betang.cards.printing import rows
from betang.cards.printing.files import digest_of
from betang.cards.printing.folder import folder_of, path_of
from betang.cards.printing.freeze import freeze
from betang.journal.models import Entry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
CARDS, A_PART, KILLS, SEED = 96, 3, 7, 20261124
#: What a drawing takes on the slowest machine we know.
PATIENCE_S = 300


@pytest.fixture
def run(family, keys, budi, wati, noon, monkeypatch) -> PrintRun:
    """Ninety-six cards, frozen in small parts, and a clerk who may draw them."""
    user = User.objects.create(username="dinas", full_name="Dinas")
    RoleGrant.objects.create(
        user=user,
        role=Role.DINSOS_PROVINCE,
        proposed_by_person=budi.person,
        approved_by_person=wati.person,
        from_at=noon.replace(year=2020),
    )
    for _ in range(CARDS):
        family()
    issue_cards(actor=budi, at=noon)
    monkeypatch.setattr(rows, "CARDS_A_PART", A_PART)
    with transaction.atomic():
        return freeze(actor=budi, at=noon)


@pytest.fixture
def drawer(run, settings):
    """Start `betang cards run draw`, as the app role, in a process of its own."""
    name = connection.settings_dict["NAME"]
    environment = os.environ | {
        "BETANG_ROLE": "app",
        "BETANG_DATABASE_URL": f"postgresql://{cluster.APP_ROLE}@/{name}"
        f"?host={cluster.socket_folder()}",
        "BETANG_VAR": str(settings.VAR),
        "DJANGO_SETTINGS_MODULE": "betang.settings",
    }
    started = []

    def start() -> subprocess.Popen[str]:
        words = ["cards", "run", "draw", str(run.uuid), "--by", "dinas", "--json"]
        process = subprocess.Popen(
            [sys.executable, "-m", "betang", *words],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def drawn(run: PrintRun) -> int:
    return run.parts.exclude(drawn_at=None).count()


def await_drawn(run: PrintRun, count: int, process: subprocess.Popen[str]) -> None:
    """Wait until so many parts are drawn, or the process came to its end."""
    deadline = time.monotonic() + PATIENCE_S
    while drawn(run) < count and process.poll() is None:
        assert time.monotonic() < deadline, "nothing is drawn"
        time.sleep(0.005)


def printed(run: PrintRun) -> Counter[str]:
    """Read every code on every front, as a phone would."""
    codes: Counter[str] = Counter()
    for part in run.parts.order_by("number"):
        pdf = pypdfium2.PdfDocument(path_of(run, part))
        try:
            for page in range(0, len(pdf), 2):
                image = pdf[page].render(scale=300 / 72, grayscale=True).to_numpy()
                read = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
                codes.update(code.text for code in read)
        finally:
            pdf.close()
    return codes


def test_killed_at_any_moment_it_goes_on_and_no_card_is_there_twice_or_missing(run, drawer):
    chance, kept, unfinished = random.Random(SEED), {}, 0
    for _ in range(KILLS):
        process = drawer()
        await_drawn(run, drawn(run) + chance.randrange(5), process)
        time.sleep(chance.random() * 0.15)  # anywhere in a part: the moment itself is the test
        children = psutil.Process(process.pid).children() if process.poll() is None else []
        process.kill()
        process.wait()
        assert psutil.wait_procs(children, timeout=PATIENCE_S)[1] == [], "a child went on"
        done = dict(run.parts.exclude(drawn_at=None).values_list("number", "drawn_at"))
        assert done.items() >= kept.items(), "a drawn part was drawn again"
        kept = done
        unfinished += 0 < len(done) < CARDS // A_PART

    assert unfinished >= KILLS // 2, "the kills came too late or too early to prove anything"
    last = drawer()
    out, errors = last.communicate(timeout=PATIENCE_S)

    assert last.returncode == 0, errors
    assert json.loads(out)["drawn"] == CARDS // A_PART
    assert printed(run) == Counter(Card.objects.values_list("qr", flat=True))
    assert {path.name for path in folder_of(run).iterdir()} == {
        path_of(run, part).name for part in run.parts.all()
    }
    assert all(digest_of(path_of(run, p)) == bytes(p.file_sha256) for p in run.parts.all())
    assert Entry.objects.filter(kind="print.drawn").count() == 1


def test_of_two_drawers_at_once_one_draws_and_the_other_is_told(run, drawer):
    first = drawer()
    await_drawn(run, 1, first)
    os.kill(first.pid, signal.SIGSTOP)
    try:
        second = drawer()
        _, told = second.communicate(timeout=PATIENCE_S)
    finally:
        os.kill(first.pid, signal.SIGCONT)
    first.communicate(timeout=PATIENCE_S)

    assert second.returncode != 0
    assert "print.held" in told
    assert (first.returncode, drawn(run)) == (0, CARDS // A_PART)

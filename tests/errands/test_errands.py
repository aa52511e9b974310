"""Long work asked for by a page: one at a time, told as it is, and never lost with its worker."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from betang import long_work, worker
from betang.core.errors import NotFoundError
from betang.core.identifiers import new_uuid
from betang.errands import work
from betang.errands.ask import UnderWayError, ask, is_left, latest
from betang.errands.models import Errand
from betang.journal.models import Entry
from tests.conftest import PATIENCE_S

ABOUT = new_uuid()
KIND = Errand.Kind.JUDGE


@pytest.fixture
def other_session():
    """Another session on the test database: another worker, or one that dies."""
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"],
        dbname=settings["NAME"], autocommit=True,
    ) as session:  # fmt: skip
        yield session


@pytest.fixture
def errand(db, budi, noon):
    return ask(KIND, ABOUT, asked={}, actor=budi, at=noon)


def states():
    return list(Errand.objects.order_by("id").values_list("state", flat=True))


@pytest.mark.django_db
class TestAsking:
    def test_is_refused_while_the_same_waits(self, errand, wati, noon):
        with pytest.raises(UnderWayError):
            ask(KIND, ABOUT, asked={}, actor=wati, at=noon)

        assert states() == ["waiting"]
        assert Entry.objects.filter(kind="errand.asked").count() == 1

    def test_is_refused_while_the_same_is_at_work(self, errand, wati, noon):
        with work.held(KIND):
            work.take(KIND, at=noon)

            with pytest.raises(UnderWayError):
                ask(KIND, ABOUT, asked={}, actor=wati, at=noon)

    def test_is_free_about_another_thing_or_of_another_kind(self, errand, wati, noon):
        ask(KIND, new_uuid(), asked={}, actor=wati, at=noon)
        ask(Errand.Kind.SEND, ABOUT, asked={}, actor=wati, at=noon)

        assert states() == ["waiting"] * 3

    def test_takes_the_place_of_one_whose_worker_died(self, errand, wati, noon):
        with work.held(KIND):
            work.take(KIND, at=noon)

        ask(KIND, ABOUT, asked={}, actor=wati, at=noon)

        assert states() == ["interrupted", "waiting"]
        assert Entry.objects.filter(kind="errand.interrupted").count() == 1

    def test_an_end_is_written_once(self, errand):
        with pytest.raises(IntegrityError), transaction.atomic():
            Errand.objects.update(state="done")


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_make_one_errand(self, budi, wati, noon):
        """Two clerks press in the same moment; the one who loses is told so."""
        together = threading.Barrier(2)

        def pressed(actor):
            together.wait(PATIENCE_S)
            try:
                with transaction.atomic():
                    ask(KIND, ABOUT, asked={}, actor=actor, at=noon)
            except UnderWayError:
                return "told"
            else:
                return "asked"
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(pressed, [budi, wati]))

        assert sorted(answers) == ["asked", "told"]
        assert states() == ["waiting"]


@pytest.mark.django_db(transaction=True)
class TestTheWorker:
    @pytest.fixture
    def done(self, monkeypatch):
        """What the worker was given; it does what the test says."""
        given: list[Errand] = []
        says: dict[str, Exception] = {}

        def work_on(errand, _ending):
            given.append(errand)
            if says:
                raise says["error"]
            with transaction.atomic():
                work.end(errand, Errand.State.DONE, {"n": 1}, at=timezone.now())

        monkeypatch.setitem(long_work.ERRANDS, KIND, work_on)
        return given, says

    def once(self):
        return worker.errand_once(KIND, threading.Event())

    def test_finds_nothing_where_nobody_asked(self, done):
        assert not self.once()

    def test_leaves_it_to_another_worker_that_has_the_place(self, errand, done, other_session):
        other_session.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [work.LOCK, KIND.value])

        assert work.at_work(KIND)
        assert not self.once()
        assert done[0] == []

    def test_does_it_once_in_the_name_of_who_asked(self, errand, done, budi):
        assert self.once()
        assert not self.once()

        given, _ = done
        assert [each.actor for each in given] == [budi]
        assert latest(KIND, ABOUT).told == {"n": 1}
        assert Entry.objects.get(kind="errand.ended").facts["state"] == "done"

    def test_tells_a_refusal_with_its_sentence(self, errand, done):
        done[1]["error"] = NotFoundError()

        self.once()

        told = latest(KIND, ABOUT)
        assert (told.state, told.told["code"]) == ("refused", "not_found")
        assert told.told["sentence"]

    def test_tells_a_bug_as_failed_and_goes_on(self, errand, done, budi, noon, caplog):
        done[1]["error"] = ValueError("a bug")
        self.once()
        done[1].clear()

        ask(KIND, ABOUT, asked={}, actor=budi, at=noon)
        self.once()

        assert states() == ["failed", "done"]

    def test_that_lost_the_database_is_told_as_interrupted_by_the_next(
        self, errand, done, budi, noon
    ):
        done[1]["error"] = OperationalError("server closed the connection")
        with pytest.raises(OperationalError):
            self.once()
        done[1].clear()

        assert is_left(latest(KIND, ABOUT))
        self.once()

        assert states() == ["interrupted"]
        assert not is_left(latest(KIND, ABOUT))

    def test_tells_how_far_it_is_while_its_transaction_is_open(self, errand, other_session):
        with transaction.atomic():
            Errand.objects.count()  # the transaction is open, on its own view of the table
            work.tell_beside(errand, "Menilai semua keluarga", 1, 4)
            seen = other_session.execute("SELECT step, done, whole FROM errands_errand").fetchone()

        assert seen == ("Menilai semua keluarga", 1, 4)

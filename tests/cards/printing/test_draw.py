"""Drawing: what stops it, what it does not do twice, what is drawn again."""

import resource
import subprocess
import sys

import pytest
from django.db import connection

from betang.cards.models import PrintPart, PrintRun
from betang.cards.printing import part as drawing
from betang.cards.printing.draw import PartAlteredError, UnreadableFacesError, check, draw
from betang.cards.printing.folder import DiskRefusedError, folder_of, path_of
from betang.cards.printing.runs import LOCK, HeldElsewhereError, NotNowError


def go(run: PrintRun, actor, noon, **more):
    return draw(run, actor=actor, clock=lambda: noon, processes=1, **more)


class TestDraw:
    def test_refuses_while_another_process_holds_the_run(self, run, budi, noon):
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, run.pk])

            with pytest.raises(HeldElsewhereError):
                go(run, budi, noon)
        finally:
            other.close()

        assert not PrintPart.objects.exclude(drawn_at=None).exists()

    def test_refuses_a_run_that_left(self, released, budi, noon):
        with pytest.raises(NotNowError):
            go(released, budi, noon)

    def test_says_so_where_the_folder_cannot_be_made(self, run, budi, noon, settings):
        (settings.VAR / "print").write_text("a file where a folder should be")

        with pytest.raises(DiskRefusedError, match="ada berkas"):
            go(run, budi, noon)

        (settings.VAR / "print").unlink()
        assert go(run, budi, noon).done == 5

    def test_loses_nothing_where_the_disk_takes_no_more(self, run, budi, noon, monkeypatch):
        before, asked = drawing.write_faces, []
        unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)

        def full_at_the_second(path, faces, look):
            asked.append(path)
            if len(asked) == 2:
                resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, unlimited[1]))
            before(path, faces, look)

        monkeypatch.setattr(drawing, "write_faces", full_at_the_second)
        try:
            with pytest.raises(DiskRefusedError, match="batas ukuran"):
                go(run, budi, noon)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)

        assert run.parts.exclude(drawn_at=None).count() == 1
        assert go(run, budi, noon).done == 5
        assert len(asked) == 4  # the first was not drawn again
        assert sorted(p.name for p in folder_of(run).iterdir()) == [
            "kartu-0001.pdf", "kartu-0002.pdf", "kartu-0003.pdf",
        ]  # fmt: skip

    def test_stops_between_two_parts_when_it_is_told_to_and_goes_on(self, run, budi, noon):
        first = go(run, budi, noon, halted=lambda: True)

        assert (first.done, first.halted) == (2, True)
        assert go(run, budi, noon).done == 5
        run.refresh_from_db()
        assert (run.state, run.checked) == ("checked", 5)

    @pytest.mark.parametrize("spoil", ["missing", "altered"])
    def test_draws_again_what_is_not_on_disk_as_it_was(self, drawn, budi, noon, spoil):
        path = path_of(drawn, drawn.parts.get(number=2))
        before = path.read_bytes()
        if spoil == "missing":
            path.unlink()
        else:
            path.write_bytes(before[:-1] + b"?")

        told = []
        go(drawn, budi, noon, progress=lambda *far: told.append(far))

        assert told == [(3, 5), (5, 5)]
        assert path.read_bytes() == before

    def test_throws_away_what_a_killed_process_left_half_written(self, run, budi, noon):
        folder_of(run).mkdir(parents=True)
        stray = folder_of(run) / "kartu-0001.pdf.undone.4711"
        stray.write_bytes(b"%PDF")

        go(run, budi, noon)

        assert not stray.exists()

    @pytest.mark.django_db(transaction=True)
    def test_in_two_processes_draws_the_same_files(self, run, budi, noon):
        assert draw(run, actor=budi, clock=lambda: noon, processes=2).done == 5
        by_two = [bytes(part.file_sha256) for part in run.parts.order_by("number")]
        PrintPart.objects.update(file_sha256=None, drawn_at=None)

        go(run, budi, noon)

        assert by_two == [bytes(part.file_sha256) for part in run.parts.order_by("number")]


class TestCheck:
    def test_refuses_a_part_that_was_changed_on_disk(self, drawn):
        path = path_of(drawn, drawn.parts.get(number=3))
        path.write_bytes(path.read_bytes().replace(b"/MediaBox", b"/MediaBux"))

        with pytest.raises(PartAlteredError, match="3"):
            check(drawn, processes=1)

    def test_tells_a_card_that_does_not_say_what_its_row_says(self, drawn, monkeypatch):
        monkeypatch.setattr(drawing, "unreadable", lambda path, faces, indexes: [faces[0].number])

        with pytest.raises(UnreadableFacesError):
            check(drawn, processes=1)

    def test_reads_every_card_on_request(self, drawn):
        assert check(drawn, check_all=True, processes=1) == 5


def test_a_new_process_of_the_pool_needs_no_models_to_begin():
    """The pool's module is imported before Django is set up."""
    words = "import betang.cards.printing.pool, sys; sys.exit('betang.cards.models' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", words], check=False)

    assert done.returncode == 0

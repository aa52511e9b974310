"""Every address carries a rule, and each rule is kept."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from betang.accounts.access import PERMISSIONS

SOME_UUID = UUID("00000000-0000-7000-8000-000000000009")
#: What stands in an address for each kind of converter.
STAND_INS = {"uuid": str(SOME_UUID), "int": "6203", "path": "x", "str": "x", "sha256": "0" * 64}


def routes(
    resolver: URLResolver | None = None, before: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from routes(each, before + str(each.pattern))
        else:
            yield before + str(each.pattern), each


def address(route: str) -> str:
    parts = []
    for piece in route.split("/"):
        if piece.startswith("<"):
            kind, _, name = piece.strip("<>").partition(":")
            parts.append(STAND_INS[kind if name else "str"])
        else:
            parts.append(piece)
    return "/" + "/".join(parts)


PAGES = [(route, each) for route, each in routes() if not route.startswith("api/")]
RULED = [(address(route), each) for route, each in PAGES if hasattr(each.callback, "rule")]


class TestEveryRoute:
    @pytest.mark.parametrize(("route", "each"), PAGES, ids=[route for route, _ in PAGES])
    def test_declares_a_rule_or_says_why_it_is_public(self, route, each):
        ruled = getattr(each.callback, "rule", None)
        public = getattr(each.callback, "public", None)

        assert (ruled in PERMISSIONS) != bool(public), route

    def test_there_are_many(self):
        assert len(RULED) > 40


class TestAnonymous:
    @pytest.mark.parametrize("path", [path for path, _ in RULED])
    def test_is_sent_to_the_door(self, db, path):
        answer = Client().get(path)

        assert answer.status_code == 302
        assert answer["Location"].startswith("/masuk/")


class TestCharlie:
    """An account that nobody gave a role."""

    @pytest.mark.parametrize("path", [path for path, _ in RULED])
    def test_is_refused_everywhere(self, sign_in, path):
        charlie = sign_in(None, name="charlie")

        assert charlie.get(path).status_code == 403


class TestViewer:
    """May watch the board of a regency, and nothing that names a person."""

    @pytest.mark.parametrize(
        "path",
        [path for path, each in RULED if each.callback.rule not in {"board.see", "account.own"}],
    )
    def test_is_refused_what_is_not_the_board(self, sign_in, path):
        assert sign_in("viewer", 6203).get(path).status_code == 403

    def test_sees_the_board_of_the_own_regency(self, sign_in):
        viewer = sign_in("viewer", 6203)

        assert viewer.get("/").status_code == 200
        assert viewer.get("/wilayah/6203/").status_code == 200

    def test_does_not_see_another_regency(self, sign_in):
        viewer = sign_in("viewer", 6203)

        assert viewer.get("/wilayah/6210/").status_code == 404
        assert "Gunung Mas" not in viewer.get("/").content.decode()


class TestPolicy:
    def test_no_page_allows_inline_script_or_style(self, sign_in):
        answer = sign_in("dinsos_province").get("/")

        policy = answer["Content-Security-Policy"]
        assert "unsafe-inline" not in policy
        assert "default-src 'none'" in policy
        assert "<style" not in answer.content.decode()
        assert ' style="' not in answer.content.decode()

    def test_pages_of_signed_in_people_are_kept_in_no_cache(self, sign_in):
        assert "no-store" in sign_in("dinsos_province").get("/")["Cache-Control"]

    def test_the_shared_worker_may_speak_to_the_stream_alone(self, settings):
        if not (settings.ROOT / "web" / "static" / "betang" / "live-worker.js").exists():
            pytest.fail("the pages are not built: npm ci && npm run build")
        answer = Client().get("/static/betang/live-worker.js")
        policy = answer["Content-Security-Policy"]
        answer.close()

        assert settings.STREAM_ORIGIN in policy
        assert "default-src 'none'" in policy

"""Refusals and failures are pages that say what to do."""

from django.test import Client, RequestFactory
from django.urls import get_resolver

from betang.core.errors import RefusedError
from betang.web.shell.refusal import failed, stale_form


class TestFailed:
    def test_needs_no_database_which_may_be_what_failed(self):
        answer = failed(RequestFactory().get("/"))

        assert answer.status_code == 500
        assert "belum tentu tersimpan" in answer.content.decode()

    def test_is_what_the_site_shows(self):
        assert get_resolver().resolve_error_handler(500) is failed


class TestForms:
    def test_a_form_without_its_proof_of_origin_is_refused_with_advice(self, areas):
        answer = Client(enforce_csrf_checks=True).post("/masuk/", {"login": "x", "password": "y"})

        assert answer.status_code == 403
        assert "muat ulang" in answer.content.decode()
        assert stale_form.__name__ == "stale_form"

    def test_a_nul_in_the_address_or_the_form_is_refused(self, sign_in):
        clerk = sign_in("dinsos_province")

        assert clerk.get("/kartu/?cari=%00").status_code == 400
        assert clerk.post("/tahap/", {"code": "a\0b"}).status_code == 400


class TestRefusal:
    def test_the_page_shows_sentence_advice_and_code(self, sign_in):
        answer = sign_in("auditor").get("/pengguna/baru/")

        page = answer.content.decode()
        assert answer.status_code == 403
        assert "not_allowed" in page
        assert RefusedError.code not in {"", "not_allowed"}

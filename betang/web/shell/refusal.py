"""Refusals and failures as pages: what happened, and what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from betang.core.errors import RefusedError

TITLES = {
    400: "Permintaan tidak dapat dibaca",
    403: "Halaman ini bukan untuk akun Anda",
    404: "Tidak ditemukan",
    409: "Belum dapat dilakukan",
    413: "Berkas terlalu besar",
    422: "Ada isian yang belum benar",
    429: "Terlalu banyak percobaan",
    500: "Sistem gagal memproses permintaan",
}


def refusal_page(request: HttpRequest, refusal: RefusedError) -> HttpResponse:
    """Show a refusal as a page with its status."""
    return told_page(request, refusal.status, refusal.told, refusal.advice, code=refusal.code)


def told_page(
    request: HttpRequest, status: int, sentence: str, advice: str, *, code: str = ""
) -> HttpResponse:
    """Show one sentence and the way on."""
    signed_in = getattr(request, "user", None) is not None and request.user.is_authenticated
    facts = {
        "title": TITLES.get(status, TITLES[409]),
        "status": status,
        "sentence": sentence,
        "advice": advice,
        "code": code,
        "frame": "shell/page.html" if signed_in else "shell/single.html",
    }
    return render(request, "shell/refusal.html", facts, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400."""
    return told_page(
        request,
        400,
        "Permintaan yang dikirim tidak dapat dibaca oleh sistem.",
        "Kembali ke halaman sebelumnya, lalu ulangi.",
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    return told_page(
        request,
        403,
        "Akun Anda tidak berwenang membuka halaman ini.",
        "Jika pekerjaan Anda memerlukannya, mintalah peran kepada penyelia.",
    )


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was sent without its proof of origin (CSRF)."""
    return told_page(
        request,
        403,
        "Halaman ini sudah terlalu lama terbuka, sehingga isian tidak dikirim.",
        "Kembali ke halaman sebelumnya, muat ulang, lalu kirim lagi.",
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404."""
    return told_page(
        request,
        404,
        "Halaman atau data ini tidak ada, atau tidak berada di wilayah Anda.",
        "Periksa alamat yang Anda ketik, atau cari dari halaman daftar.",
    )


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 500 without touching the database, which may be what failed."""
    return HttpResponse(render_to_string("shell/failed.html"), status=500)

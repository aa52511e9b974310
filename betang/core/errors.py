"""Refusals: what an office act says when a rule forbids it."""

from typing import Any, ClassVar


class RefusedError(Exception):
    """An act was refused by a rule, and nothing was changed.

    A subclass stands beside the function that raises it and gives `code` (stable, dotted),
    `sentence` (what is wrong, in Indonesian) and `do` (what to do about it). Both texts may hold
    `{placeholders}` that are filled from the facts given. Facts are codes, numbers and
    identifiers: never personal data, for they may reach a log.
    """

    code: ClassVar[str] = "refused"
    sentence: ClassVar[str] = "Permintaan ini tidak dapat dilakukan."
    do: ClassVar[str] = "Periksa kembali isian Anda, lalu coba lagi."
    status: ClassVar[int] = 409

    def __init__(self, *, field: str | None = None, **facts: Any) -> None:
        self.field = field
        self.facts = facts
        super().__init__(self.told)

    @property
    def told(self) -> str:
        """The sentence with its facts filled in."""
        return self.sentence.format(**self.facts)

    @property
    def advice(self) -> str:
        """What to do, with the facts filled in."""
        return self.do.format(**self.facts)


class MalformedError(RefusedError):
    """The input could not be understood at all (HTTP 400)."""

    code = "input.malformed"
    sentence = "Isi permintaan tidak dapat dibaca."
    do = "Kirim ulang dalam bentuk yang ditetapkan pada dokumen protokol."
    status = 400


class FieldsError(RefusedError):
    """Fields of the input are wrong (HTTP 422)."""

    code = "input.fields"
    sentence = "Ada isian yang belum benar."
    do = "Perbaiki isian yang ditandai."
    status = 422


class NotFoundError(RefusedError):
    """There is no such thing, or not for this actor (HTTP 404)."""

    code = "not_found"
    sentence = "Data yang dicari tidak ditemukan."
    do = "Periksa nomor atau alamat yang Anda buka."
    status = 404


class NotAllowedError(RefusedError):
    """The actor may not do this here (HTTP 403)."""

    code = "not_allowed"
    sentence = "Anda tidak berwenang melakukan tindakan ini."
    do = "Hubungi penyelia bila Anda memang memerlukannya."
    status = 403


class SamePersonError(RefusedError):
    """The approver is the proposer: every right and every rupiah takes two people."""

    code = "two_persons"
    sentence = "Pengusul tidak boleh menyetujui usulannya sendiri."
    do = "Mintalah petugas lain yang berwenang untuk menyetujui."

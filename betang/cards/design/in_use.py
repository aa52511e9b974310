"""Which design is printed: the last one approved for a programme, or the one it began with."""

from uuid import UUID

from django.db.models import Q

from betang.cards.design.layout import read
from betang.cards.design.picture import Picture
from betang.cards.design.version import FIRST_NAME, FIRST_UUID, Design, first
from betang.cards.models import DesignPicture, DesignVersion
from betang.core.errors import NotFoundError
from betang.programmes.models import Programme


class DesignUnknownError(NotFoundError):
    """There is no such design version."""

    code = "design.unknown"
    sentence = "Rancangan kartu ini tidak ditemukan."
    do = "Pilih rancangan dari daftar."


def current(programme: Programme | None) -> Design:
    """Give the design that new cards of a programme are printed in: the last one approved."""
    approved = DesignVersion.objects.filter(
        Q(programme=programme) | Q(programme__isnull=True), state=DesignVersion.State.APPROVED
    )
    newest = approved.order_by("-approved_at", "-pk").first()
    return loaded(newest) if newest else first()


def load(uuid: UUID) -> Design:
    """Give a design version, in use or not. Raises `DesignUnknownError`."""
    if uuid == FIRST_UUID:
        return first()
    version = DesignVersion.objects.filter(uuid=uuid).first()
    if version is None:
        raise DesignUnknownError
    return loaded(version)


def named(name: str) -> Design:
    """Give a design version by the name that a print run kept. Raises `DesignUnknownError`."""
    if name == FIRST_NAME:
        return first()
    slug, _, number = name.rpartition("-")
    whole = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
    version = DesignVersion.objects.filter(slug=slug, number=whole).first()
    if version is None:
        raise DesignUnknownError
    return loaded(version)


def loaded(version: DesignVersion) -> Design:
    """Read a version with its pictures."""
    layout = read(version.content)
    return Design(version.uuid, version.name, layout, pictures(layout.pictures))


def pictures(names: set[str]) -> dict[str, Picture]:
    """Give uploaded pictures by name; one that is not there is left out."""
    return {
        row.sha256: Picture(row.sha256, row.form, row.width, row.height, bytes(row.content))
        for row in DesignPicture.objects.filter(sha256__in=names)
    }

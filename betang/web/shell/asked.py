"""What a form said, and refusals placed beside its fields."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest

from betang.core.errors import RefusedError

Done = TypeVar("Done")


#: No code or count of ours is longer; a longer one would only cost time.
DIGITS_MAX = 18


def whole(text: str) -> int | None:
    """Read plain digits as a number; None for anything else.

    `str.isdigit` alone lets "²" and five thousand digits pass, and `int` fails on both.
    """
    plain = text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX
    return int(text) if plain else None


def named(text: str) -> UUID | None:
    """Read the uuid that a form names; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


class Form:
    """A posted form: what was typed is kept, and each field can carry what is wrong with it."""

    def __init__(self, request: HttpRequest) -> None:
        self.typed: dict[str, str] = {name: str(value) for name, value in request.POST.items()}
        self.wrong: dict[str, str] = {}

    def get(self, name: str) -> str:
        """Give what was typed into a field, without the spaces around it."""
        return self.typed.get(name, "").strip()

    def refuse(self, refusal: RefusedError) -> None:
        """Keep a refusal for its field, or for the head of the form."""
        self.wrong[refusal.field or ""] = f"{refusal.told} {refusal.advice}"


def act(
    request: HttpRequest, doing: Callable[[], Done], said: str, *, form: Form | None = None
) -> Done | None:
    """Run one domain call in its transaction; say `said`, or the refusal. None: it was refused.

    A refusal without a form is told at the head of the next page.
    """
    try:
        with transaction.atomic():
            done = doing()
    except RefusedError as refusal:
        if form is None:
            messages.error(request, f"{refusal.told} {refusal.advice}")
        else:
            form.refuse(refusal)
        return None
    messages.success(request, said)
    return done

"""Who stands behind a person's uuid, for pages that say who proposed and who approved."""

from uuid import UUID

from betang.accounts.models import User


def who(person: UUID | None) -> User | None:
    """Give the first account of a human, or None."""
    return User.objects.filter(person=person).first() if person else None

"""Ordered cards at size, made in a process of its own so that its memory is not counted."""

import sys
from datetime import UTC, datetime

import django


def main() -> None:
    """`print_world SIZE`: enrolled families in 1,571 villages, each with a signed card."""
    django.setup()
    from django.db import transaction  # noqa: PLC0415 - after setup

    from benchmarks import field_world  # noqa: PLC0415
    from betang.cards.issue import issue_cards  # noqa: PLC0415
    from betang.core.actor import SYSTEM  # noqa: PLC0415
    from betang.keys.init import init  # noqa: PLC0415

    at = datetime.now(UTC)
    with transaction.atomic():
        init(actor=SYSTEM, at=at)
    field_world.make(int(sys.argv[1]), at=at)
    with transaction.atomic():
        issue_cards(actor=field_world.CLERK, at=at)
    with field_world.owner() as connection:
        field_world.analyse_what_is_filled(connection)


if __name__ == "__main__":
    main()

"""Perintah Django (makemigrations, shell, ...)."""

import os

import click


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Jalankan perintah Django."""
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "betang.settings")
    execute_from_command_line(["betang manage", *arguments])

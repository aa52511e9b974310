"""`betang`: one command for every act of the programme."""

from betang.cli.main import main

__all__ = ["main"]

"""The live stream: server-sent events, from an ASGI process of its own.

`uvicorn betang.stream:application` runs it; `betang serve` does so beside the site.

One `LISTEN` a process is only a wake-up; what is sent is read from the journal's feed and from the
tallies. See docs/protocols/stream.md.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "betang.settings")
django.setup()

from betang.stream.application import application  # noqa: E402 - models load after setup only

__all__ = ["application"]

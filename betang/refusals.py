"""A refusal becomes an answer, once, for web, api and cli."""

from typing import Any

from betang.core.errors import RefusedError


def body(refusal: RefusedError) -> dict[str, Any]:
    """Write a refusal as the JSON body `{code, sentence, do, field?}` (settled.md, HTTP)."""
    told: dict[str, Any] = {
        "code": refusal.code,
        "sentence": refusal.told,
        "do": refusal.advice,
    }
    if refusal.field:
        told["field"] = refusal.field
    return told


def line(refusal: RefusedError) -> str:
    """Write a refusal for a terminal."""
    place = f" ({refusal.field})" if refusal.field else ""
    return f"{refusal.told}{place}\n{refusal.advice}  [{refusal.code}]"

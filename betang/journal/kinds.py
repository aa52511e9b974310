"""Which kinds of entries there are: each is declared by the app that records it."""

_declared: dict[str, str] = {}


class UndeclaredKindError(LookupError):
    """An entry of a kind that no app declares (a programmer's error)."""


def declare(kinds: dict[str, str]) -> None:
    """Add kinds with the sentence that says what happened and which facts an entry carries."""
    for kind, sentence in kinds.items():
        assert _declared.get(kind, sentence) == sentence, f"{kind} is declared twice"
        _declared[kind] = sentence


def declared() -> dict[str, str]:
    """Give all kinds with their sentences."""
    return dict(_declared)


def require(kind: str) -> None:
    """Raise `UndeclaredKindError` unless some app declares `kind`."""
    if kind not in _declared:
        raise UndeclaredKindError(kind)

"""The kinds of journal entries that this room records."""

KINDS: dict[str, str] = {
    "errand.asked": (
        "A person asked for long work that the worker does. Facts: errand_kind (judge, open, "
        "check, send, reconcile, print, pack), about (uuid of what it is about)."
    ),
    "errand.ended": (
        "The worker came to the end of an errand. Facts: errand_kind, about, state (done, refused, "
        "failed), code (of the refusal, else empty)."
    ),
    "errand.interrupted": (
        "The worker that had an errand in hand was gone before its end; what it had committed "
        "stays. Facts: errand_kind, about."
    ),
}

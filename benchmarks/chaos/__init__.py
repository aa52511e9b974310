"""A whole Betang under phones that break, lie and disappear: `python -m benchmarks.chaos`.

The phones are `sandbox.chaos`; what stands here is the office, the servers under a simulated clock,
and the checks from outside (docs/chaos.md, docs/decisions/0117).
"""

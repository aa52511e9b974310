"""The rule language: read a rule text, refuse what could fail or mislead, run it, tell it.

Normative: docs/protocols/rules.md.
"""

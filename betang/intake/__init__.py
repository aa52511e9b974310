"""Intake: how families got in. Stage a list, report what is wrong, accept what is right."""

"""A province on paper: synthetic families in the list's columns, with the dirt of real lists.

Nobody in it exists. It imports only `betang.core`, so that it stands for the office that sends the
list and not for the office that reads it (docs/protocols/list.md).
"""

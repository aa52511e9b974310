"""The one reference under which a family can be paid in a cycle (docs/protocols/bank.md)."""

#: SQL over `c` (cycle) and `h` (household); a test holds it to `reference_of`.
REFERENCE_SQL = "'HB' || c.code || h.number"
#: Put behind the reference when a refused payment is prepared again for a corrected account.
SECOND = "-2"


def reference_of(cycle_code: str, household_number: str) -> str:
    """Make the reference of a cycle (six digits) and a household (ten digits).

    It is a function of the two alone: a restart, a second operator or a timeout cannot make
    another.
    """
    assert len(cycle_code) == 6, "a cycle's code has six digits"
    assert len(household_number) == 10, "a household's number has ten digits"
    return f"HB{cycle_code}{household_number}"

"""The Luhn digit (ISO/IEC 7812-1 annex B): it catches one wrong digit and most swapped neighbours.

It is no proof of anything: whoever knows the rule can write a number that passes.
"""


def luhn_digit(digits: str) -> str:
    """Compute the digit that makes `digits` plus that digit pass. `digits` are ASCII 0 to 9."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        if place % 2 == 0:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return str(-total % 10)


def passes_luhn(number: str) -> bool:
    """Tell whether the last digit of `number` is the Luhn digit of the others."""
    return (
        len(number) > 1
        and number.isascii()
        and number.isdigit()
        and luhn_digit(number[:-1]) == number[-1]
    )

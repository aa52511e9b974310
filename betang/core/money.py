"""Whole rupiah, as people read them."""


def rupiah(amount_rupiah: int) -> str:
    """Write an amount as on a receipt: 250000 becomes `Rp250.000`."""
    sign = "-" if amount_rupiah < 0 else ""
    return f"{sign}Rp{number(abs(amount_rupiah))}"


def number(value: int) -> str:
    """Write a whole number with Indonesian thousands: 1234567 becomes `1.234.567`."""
    return f"{value:,}".replace(",", ".")

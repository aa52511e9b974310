"""What an answer of the bank means for a disbursement (the tables of docs/protocols/bank.md)."""

from enum import Enum

from betang.payments.bank import NOT_REACHED, Answer


class Meaning(Enum):
    """What to do next with a disbursement."""

    PAID = "paid"
    REFUSED = "refused"
    ASK = "ask"
    NOT_SEEN = "not seen"
    LATER = "later"
    STOP = "stop"
    DIFFERENT = "different"


#: Definite refusals of a transfer, by HTTP status and case: nothing was booked.
REFUSALS = {"40305", "40309", "40318", "40411"}
#: Asked in vain because the account or the message was wrong, never because of our account.
INSUFFICIENT_FUNDS = "40314"
STATUS_OK = "2003600"


def of_transfer(answer: Answer, amount_rupiah: int) -> Meaning:
    """Judge an answer of service 17. What is not listed is not known: ask."""
    status, case = answer.code[:3], answer.code[5:]
    if answer.code == NOT_REACHED or status in {"401", "429"} or answer.code == "4091700":
        return Meaning.LATER  # the bank never looked at it
    if answer.code == "2001700":
        return Meaning.PAID if _is_ours(answer, amount_rupiah) else Meaning.ASK
    if status + case == INSUFFICIENT_FUNDS:
        return Meaning.STOP
    if (status == "400" and len(answer.code) == 7) or status + case in REFUSALS:
        return Meaning.REFUSED
    return Meaning.ASK


def of_status(answer: Answer, amount_rupiah: int) -> Meaning:
    """Judge an answer of service 36."""
    if answer.code == "4043601":
        return Meaning.NOT_SEEN
    if answer.code != STATUS_OK:
        return Meaning.LATER
    match answer.fields.get("latestTransactionStatus"):
        case "00":
            return Meaning.PAID if _is_ours(answer, amount_rupiah) else Meaning.DIFFERENT
        case "04" | "05" | "06":
            return Meaning.REFUSED
        case "07":
            return Meaning.NOT_SEEN
    return Meaning.LATER


def rupiah_of(amount: object) -> int | None:
    """Read SNAP BI's amount as whole rupiah; None for anything else."""
    if not isinstance(amount, dict) or amount.get("currency") != "IDR":
        return None
    whole, dot, cents = str(amount.get("value")).partition(".")
    if not whole.isdecimal() or (dot and cents.strip("0")):
        return None
    return int(whole)


def _is_ours(answer: Answer, amount_rupiah: int) -> bool:
    """An answer without an amount is taken at its word: the field is optional."""
    if "amount" not in answer.fields:
        return True
    return rupiah_of(answer.fields["amount"]) == amount_rupiah

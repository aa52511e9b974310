"""Only what the standard calls definite is definite; everything else is asked about."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from betang.core.identity.household_number import household_number
from betang.payments.agreement import read_agreement
from betang.payments.bank import NO_ANSWER, NOT_REACHED, UNREADABLE, Answer, Bank, Message
from betang.payments.meaning import Meaning, of_status, of_transfer, rupiah_of
from betang.payments.reference import reference_of
from sandbox.bank.partner import agree

OURS = {"amount": {"value": "250000.00", "currency": "IDR"}}
OTHER = {"amount": {"value": "260000.00", "currency": "IDR"}}


def answer(code: str, **fields: object) -> Answer:
    """Make an answer of the bank."""
    return Answer(code, Message("1", 17, "", code, datetime.now(UTC)), fields)


class TestATransfer:
    @pytest.mark.parametrize(
        ("code", "meaning"),
        [
            ("2001700", Meaning.PAID),
            ("2021700", Meaning.ASK),
            ("4091701", Meaning.ASK),
            ("4041718", Meaning.ASK),
            ("5001700", Meaning.ASK),
            ("5041700", Meaning.ASK),
            (NO_ANSWER, Meaning.ASK),
            ("cut", Meaning.ASK),
            (UNREADABLE, Meaning.ASK),
            ("4091700", Meaning.LATER),
            ("4011700", Meaning.LATER),
            ("4291700", Meaning.LATER),
            (NOT_REACHED, Meaning.LATER),
            ("4031714", Meaning.STOP),
            ("4001701", Meaning.REFUSED),
            ("4031705", Meaning.REFUSED),
            ("4031709", Meaning.REFUSED),
            ("4031718", Meaning.REFUSED),
            ("4041711", Meaning.REFUSED),
        ],
    )
    def test_means_what_the_protocol_says(self, code, meaning):
        assert of_transfer(answer(code), 250_000) is meaning

    def test_is_asked_about_when_the_bank_says_paid_with_another_amount(self):
        assert of_transfer(answer("2001700", **OTHER), 250_000) is Meaning.ASK
        assert of_transfer(answer("2001700", **OURS), 250_000) is Meaning.PAID

    @given(st.text(max_size=12))
    @example("400")
    @example("2001500")
    def test_is_never_paid_by_any_other_code(self, code):
        meaning = of_transfer(answer(code), 250_000)

        assert (meaning is Meaning.PAID) == (code == "2001700")
        if meaning is Meaning.REFUSED:
            assert code[:3] in {"400", "403", "404"}


class TestAStatus:
    @pytest.mark.parametrize(
        ("status", "meaning"),
        [
            ("00", Meaning.PAID), ("01", Meaning.LATER), ("02", Meaning.LATER),
            ("03", Meaning.LATER), ("04", Meaning.REFUSED), ("05", Meaning.REFUSED),
            ("06", Meaning.REFUSED), ("07", Meaning.NOT_SEEN), ("99", Meaning.LATER),
            (None, Meaning.LATER), (7, Meaning.LATER),
        ],
    )  # fmt: skip
    def test_means_what_the_protocol_says(self, status, meaning):
        told = answer("2003600", latestTransactionStatus=status, **OURS)

        assert of_status(told, 250_000) is meaning

    def test_is_different_with_another_amount(self):
        told = answer("2003600", latestTransactionStatus="00", **OTHER)

        assert of_status(told, 250_000) is Meaning.DIFFERENT

    def test_is_not_seen_by_the_code_too_and_by_no_other(self):
        assert of_status(answer("4043601"), 1) is Meaning.NOT_SEEN
        assert of_status(answer("5003600"), 1) is Meaning.LATER
        assert of_status(answer(NO_ANSWER), 1) is Meaning.LATER


class TestAnAmount:
    @pytest.mark.parametrize(
        "amount",
        [
            None, 5, {"value": "5.00"}, {"value": "5.50", "currency": "IDR"},
            {"value": "-5.00", "currency": "IDR"}, {"value": "5.00", "currency": "USD"},
            {"value": "", "currency": "IDR"}, {"value": "1e3", "currency": "IDR"},
        ],
    )  # fmt: skip
    def test_refuses_what_is_not_whole_rupiah(self, amount):
        assert rupiah_of(amount) is None

    def test_reads_whole_rupiah(self):
        assert rupiah_of({"value": "250000.00", "currency": "IDR"}) == 250_000


class TestTheReference:
    @given(st.integers(0, 10**6 - 1), st.integers(0, 10**8))
    def test_is_a_function_of_cycle_and_household(self, cycle, serial):
        code, number = f"{cycle:06d}", household_number(serial)

        assert reference_of(code, number) == f"HB{code}{number}"
        assert len(reference_of(code, number)) == 18


@pytest.fixture(scope="module")
def babble(tmp_path_factory) -> Iterator[tuple[Bank, list[bytes]]]:
    """A server that answers every request with the bytes it is told to."""
    says: list[bytes] = [b""]

    class Babbler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(says[0])))
            self.end_headers()
            self.wfile.write(says[0])

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Babbler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    folder = tmp_path_factory.mktemp("babble")
    agree(folder)
    bank = Bank(
        f"http://127.0.0.1:{server.server_port}", read_agreement(folder),
        clock=lambda: datetime.now(UTC), timeout_s=5,
    )  # fmt: skip
    yield bank, says
    bank.close()
    server.shutdown()
    thread.join()
    server.server_close()


class TestABankThatBabbles:
    @settings(
        max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.binary(max_size=60))
    @example(b"[]")
    @example(b"{}")
    @example(b'{"responseCode": 2001700}')
    @example(b'{"accessToken": 1, "expiresIn": "900"}')
    def test_is_never_believed(self, babble, content):
        bank, says = babble
        says[0] = content

        assert of_transfer(bank.transfer("R", "12345", 1), 1) in {Meaning.ASK, Meaning.LATER}
        assert of_status(bank.status("R"), 1) is Meaning.LATER

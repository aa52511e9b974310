"""The stand-in bank is as strict as the standard: it turns away what is not signed as agreed."""

import json
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from betang.payments.agreement import NoAgreementError, read_agreement
from betang.payments.bank import Bank, snap_time
from tests.conftest import PATIENCE_S

pytestmark = pytest.mark.server


@pytest.fixture(scope="module", params=["base64", "hex"])
def bank_at(request, tmp_path_factory):
    """A bank process; gives its address and the folder of its keys."""
    folder = tmp_path_factory.mktemp("bank")
    with subprocess.Popen(
        [
            sys.executable, "-m", "sandbox.bank", "--keys", str(folder),
            "--signature-encoding", request.param,
        ],
        stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["bank"], folder
        process.kill()


def client(bank_at, *, shift=timedelta(0)):
    """Our client of it, with a clock that may be wrong."""
    url, folder = bank_at
    return Bank(url, read_agreement(folder), clock=lambda: datetime.now(UTC) + shift)


@pytest.fixture(scope="module")
def bank(bank_at):
    """Our client of it."""
    bank = client(bank_at)
    yield bank
    bank.close()


@pytest.fixture
def account(bank_at):
    url, _ = bank_at
    content = b"nomor_keluarga,nama,kode_desa\n1,SITI,1\n"
    answer = httpx.post(
        f"{url}/sandbox/burekol", content=content, trust_env=False, timeout=PATIENCE_S
    )
    return answer.text.splitlines()[1].split(",")[1]


class TestTheDoor:
    def test_refuses_a_request_without_a_token(self, bank_at):
        url, _ = bank_at

        answer = httpx.post(
            f"{url}/v1.0/transfer-intrabank", json={}, trust_env=False, timeout=PATIENCE_S
        )

        assert answer.status_code == 401
        assert answer.json()["responseCode"] == "4011701"

    def test_refuses_a_token_request_signed_by_another_key(self, bank_at, tmp_path):
        url, folder = bank_at
        for name in ("client.json", "client_private.pem"):
            (tmp_path / name).write_bytes((folder / name).read_bytes())
        subprocess.run(
            ["openssl", "genrsa", "-out", str(tmp_path / "client_private.pem"), "2048"],
            check=True, capture_output=True,
        )  # fmt: skip
        bank = Bank(url, read_agreement(tmp_path), clock=lambda: datetime.now(UTC))

        answer = bank.inquire("1234567")
        bank.close()

        assert answer.code == "4011500"

    def test_refuses_a_clock_that_is_far_off(self, bank_at):
        bank = client(bank_at, shift=timedelta(minutes=10))

        answer = bank.inquire("1234567")
        bank.close()

        assert answer.code == "4011500"

    @pytest.mark.parametrize("part", ["X-SIGNATURE", "X-PARTNER-ID", "X-TIMESTAMP", "body"])
    def test_refuses_a_request_that_was_changed_on_the_way(self, bank_at, part):
        url, folder = bank_at
        bank, agreement = client(bank_at), read_agreement(folder)
        bank.inquire("1")
        token, path = bank._token, "/v1.0/account-inquiry-internal"
        now = snap_time(datetime.now(UTC))
        body = b'{"beneficiaryAccountNo":"1234567"}'
        headers = {
            "Authorization": f"Bearer {token}",
            "X-TIMESTAMP": now,
            "X-SIGNATURE": agreement.sign_request("POST", path, token, body, now),
            "X-PARTNER-ID": agreement.partner_id,
            "X-EXTERNAL-ID": "1",
        }
        if part == "body":
            body = body.replace(b"7", b"8")
        else:
            headers[part] = snap_time(datetime.now(UTC) + timedelta(seconds=5))

        answer = httpx.post(
            url + path, content=body, headers=headers, trust_env=False, timeout=PATIENCE_S
        )
        bank.close()

        assert answer.json()["responseCode"] == "4011500"

    def test_refuses_an_external_id_used_today(self, bank_at, monkeypatch):
        bank = client(bank_at)
        monkeypatch.setattr("betang.payments.bank._external_id", lambda now: "777")

        first, second = bank.inquire("1234567"), bank.inquire("1234567")
        bank.close()

        assert (first.code, second.code) == ("4041511", "4091500")


class TestTheCounter:
    def test_refuses_the_same_reference_and_another_amount_under_it(self, bank, account):
        codes = [
            bank.transfer("R1", account, 250_000).code,
            bank.transfer("R1", account, 250_000).code,
            bank.transfer("R1", account, 999).code,
            bank.transfer("R2", "99999", 999).code,
        ]

        assert codes == ["2001700", "4091701", "4041718", "4041711"]

    def test_knows_no_transfer_that_was_never_asked_for(self, bank):
        answer = bank.status("NEVER")

        assert answer.code == "4043601"

    def test_names_the_holder(self, bank, account):
        answer = bank.inquire(account)

        assert answer.fields["beneficiaryAccountName"] == "SITI"

    @settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(
        st.dictionaries(
            st.sampled_from(
                ["beneficiaryAccountNo", "partnerReferenceNo", "amount", "fromDateTime",
                 "toDateTime", "pageSize", "originalPartnerReferenceNo", "serviceCode"]
            ),
            st.none()
            | st.integers(-(2**63), 2**63 - 1)
            | st.text(max_size=5)
            | st.lists(st.booleans(), max_size=1),
        ),
        st.sampled_from([12, 15, 17, 36]),
    )  # fmt: skip
    def test_refuses_malformed_bodies_with_a_code_and_never_breaks(self, bank, body, service):
        answer = bank.ask(service, body)

        assert answer.code[:1] in {"2", "4"}
        assert answer.code[3:5] == f"{service}"

    @settings(max_examples=60, deadline=None)
    @given(st.binary(min_size=1, max_size=200))
    def test_survives_bytes_that_are_no_request(self, bank_at, content):
        url, _ = bank_at
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as line:
            line.sendall(content + b"\r\n\r\n")
            line.shutdown(socket.SHUT_WR)
            line.recv(1000)

        assert (
            httpx.get(f"{url}/sandbox/counts", trust_env=False, timeout=PATIENCE_S).status_code
            == 200
        )


class TestTheAgreement:
    def test_refuses_an_empty_folder(self, tmp_path):
        with pytest.raises(NoAgreementError):
            read_agreement(tmp_path)

    def test_keeps_its_secrets_to_their_owner(self, bank_at):
        _, folder = bank_at

        assert {path.stat().st_mode & 0o077 for path in Path(folder).glob("client*")} == {0}

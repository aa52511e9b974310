"""The virtual chip, by its commands and through its socket."""

import json
import os
import socket
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betang.core.card.chip import K2_FILE_READ, card_key, is_genuine, read_tap_url
from sandbox.chip.virtual_chip import (
    CAPABILITIES,
    NDEF_APPLICATION,
    NO_CLASS,
    NO_FILE,
    NO_INSTRUCTION,
    NOTHING_SELECTED,
    OK,
    WRONG_LENGTH,
    WRONG_OFFSET,
    CopiedChip,
    VirtualChip,
)
from tests.conftest import PATIENCE_S

MASTER, UID, HOST = bytes(range(16)), bytes.fromhex("04a1b2c3d4e5f6"), "kartu.betang.example"
SELECT_APPLICATION = bytes.fromhex("00A4040007") + NDEF_APPLICATION + b"\0"
SELECT_NDEF = bytes.fromhex("00A4000C02E104")


@pytest.fixture
def chip() -> VirtualChip:
    return VirtualChip.of(UID, master=MASTER, host=HOST)


class TestCommands:
    @pytest.mark.parametrize(
        ("command", "status"),
        [
            ("", WRONG_LENGTH),
            ("00A404", WRONG_LENGTH),
            ("00A40400", WRONG_LENGTH),
            ("00A4040007D276", WRONG_LENGTH),
            ("80600000", NO_CLASS),
            ("00CA000000", NO_INSTRUCTION),
            ("00A4040002D276", NO_FILE),
            ("00A4000C02E104", NO_FILE),
            ("00B0000002", NOTHING_SELECTED),
            ("00B00000", WRONG_LENGTH),
        ],
    )
    def test_a_wrong_one_is_refused(self, chip, command, status):
        assert chip.answer(bytes.fromhex(command)) == status

    def test_an_unknown_file_and_an_offset_past_the_end_are_refused(self, chip):
        chip.answer(SELECT_APPLICATION)

        assert chip.answer(bytes.fromhex("00A4000C02E109")) == NO_FILE
        assert chip.answer(SELECT_NDEF) == OK
        assert chip.answer(bytes.fromhex("00B0010002")) == WRONG_OFFSET

    @given(st.binary(max_size=40))
    def test_any_bytes_get_a_status(self, command):
        chip = VirtualChip.of(UID, master=MASTER, host=HOST)
        chip.answer(SELECT_APPLICATION)

        assert len(chip.answer(command)) >= 2

    def test_the_capabilities_are_readable_without_a_tap(self, chip):
        chip.answer(SELECT_APPLICATION)
        chip.answer(bytes.fromhex("00A4000C02E103"))

        assert chip.answer(bytes.fromhex("00B0000017")) == CAPABILITIES + OK
        assert chip.counter == 0


class TestTap:
    def test_each_reading_raises_the_counter_and_is_genuine(self, chip):
        first, second = chip.tap(), chip.tap()
        key = card_key(MASTER, UID, key_number=K2_FILE_READ, version=1)

        assert (first.counter, second.counter) == (1, 2)
        assert is_genuine(key, first)
        assert is_genuine(key, second)
        assert first.mac != second.mac

    def test_going_on_reading_is_one_tap(self, chip):
        chip.answer(SELECT_APPLICATION)
        chip.answer(SELECT_NDEF)
        for offset in range(4):
            chip.answer(bytes([0, 0xB0, 0, offset * 16, 16]))

        assert chip.counter == 1

    def test_the_counter_stops_at_its_end(self, chip):
        chip.counter = 0xFFFFFF

        assert chip.tap().counter == 0xFFFFFF

    def test_a_copy_says_the_same_for_ever(self, chip):
        copy = CopiedChip.harvested(chip)

        assert copy.tap() == copy.tap()
        assert copy.tap().counter == 1
        assert chip.tap().counter == 2


class TestProcess:
    @pytest.fixture
    def served(self, tmp_path):
        master = tmp_path / "master"
        master.write_text(MASTER.hex())
        master.chmod(0o600)
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.chip", "--master", str(master)],
            stdout=subprocess.PIPE,
            env={**os.environ, "BETANG_DEMO": "1"},
        )
        yield json.loads(process.stdout.readline())["chip"]
        process.terminate()
        process.wait(PATIENCE_S)
        process.stdout.close()

    @pytest.mark.parametrize(("demo", "mode"), [("0", 0o600), ("1", 0o644)])
    def test_refuses_a_master_outside_a_demonstration_or_open_to_others(self, tmp_path, demo, mode):
        master = tmp_path / "master"
        master.write_text(MASTER.hex())
        master.chmod(mode)

        ended = subprocess.run(
            [sys.executable, "-m", "sandbox.chip", "--master", str(master)],
            env={**os.environ, "BETANG_DEMO": demo},
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )

        assert ended.returncode == 1
        assert MASTER.hex().encode() not in ended.stderr + ended.stdout

    def test_speaks_commands_over_its_socket(self, served):
        host, port = served.split(":")
        with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as reader:
            file = reader.makefile("rwb")

            def send(frame: bytes) -> bytes:
                file.write(len(frame).to_bytes(2, "big") + frame)
                file.flush()
                return file.read(int.from_bytes(file.read(2), "big"))

            assert send(SELECT_APPLICATION) == b"\x6f\x00"  # no card in the field
            assert send(b"\x04").startswith(b"\x3b")
            assert send(b"\xff\x00\x00\x00\x07" + UID) == OK
            urls = [self.url(send) for _ in range(2)]
            assert send(b"\xff\x01\x00\x00\x00") == OK
            copied = [self.url(send) for _ in range(2)]
            file.close()

        taps = [read_tap_url(url, host=HOST) for url in urls]
        assert [tap.counter for tap in taps] == [1, 2]
        assert copied[0] == copied[1]

    @staticmethod
    def url(send) -> str:
        assert send(SELECT_APPLICATION) == OK
        assert send(SELECT_NDEF) == OK
        length = send(bytes([0, 0xB0, 0, 0, 2]))[1]
        return "https://" + send(bytes([0, 0xB0, 0, 2, length]))[5:-2].decode()

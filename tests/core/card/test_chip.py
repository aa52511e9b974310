"""The chip's keys and MAC, against the published facts and our own taps."""

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, seed
from hypothesis import strategies as st

from betang.core.card import chip
from betang.core.card.chip import Tap
from betang.core.crypto.cmac import aes_cmac, subkeys
from tests.core.card.vectors import read

VECTORS = read("chip.json")
HOST = VECTORS["host"]


def published(kind: str) -> list[dict]:
    return [case for case in VECTORS["published"] if case["kind"] == kind]


def named(name: str) -> dict:
    return next(case for case in VECTORS["published"] if case["name"] == name)


class TestCmac:
    @pytest.mark.parametrize("case", published("aes-cmac"), ids=lambda case: case["name"])
    def test_each_published_case(self, case):
        key = bytes.fromhex(case["given"]["key"])

        if "K1" in case["expected"]:
            first, second = subkeys(key)
            assert first.hex() == case["expected"]["K1"]
            assert second.hex() == case["expected"]["K2"]
        else:
            message = bytes.fromhex(case["given"]["message"])
            assert aes_cmac(key, message).hex() == case["expected"]["cmac"]


class TestDiversify:
    @pytest.mark.parametrize("size", [0, 32, 40])
    def test_refuses_data_of_another_length(self, size):
        with pytest.raises(ValueError, match="1 to 31"):
            chip.diversify(bytes(16), bytes(size))

    @pytest.mark.parametrize("uid", [b"", bytes(4), bytes(10)])
    def test_refuses_a_uid_of_another_length(self, uid):
        with pytest.raises(ValueError, match="7 bytes"):
            chip.card_key(bytes(16), uid, key_number=2, version=1)

    def test_the_example_of_an10922(self):
        case = named("an10922-aes128")
        given_ = {name: bytes.fromhex(value) for name, value in case["given"].items()}

        assert given_["uid"] + given_["aid"] + given_["system_id"] == given_["M"]
        assert (
            chip.diversify(given_["master_key"], given_["M"]).hex()
            == (case["expected"]["diversified_key"])
        )

    @seed(62)
    @given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=31))
    def test_equals_the_plain_cmac_from_16_bytes_on(self, master, data):
        assert chip.diversify(master, data) == aes_cmac(master, b"\x01" + data)

    @seed(62)
    @given(st.binary(min_size=16, max_size=16), st.binary(min_size=1, max_size=14))
    def test_pads_shorter_data_to_two_blocks(self, master, data):
        padded = (b"\x01" + data + b"\x80").ljust(32, b"\0")
        ending = bytes(a ^ b for a, b in zip(padded[16:], subkeys(master)[1], strict=True))
        block = Cipher(algorithms.AES(master), modes.ECB()).encryptor().update  # noqa: S305
        by_hand = block(bytes(a ^ b for a, b in zip(block(padded[:16]), ending, strict=True)))

        assert chip.diversify(master, data) == by_hand
        assert chip.diversify(master, data) != aes_cmac(master, b"\x01" + data)

    def test_gives_each_card_key_number_and_version_its_own_key(self):
        keys = {
            chip.card_key(bytes(16), uid, key_number=number, version=version)
            for uid in (bytes(7), bytes(6) + b"\x01")
            for number in range(5)
            for version in (1, 2)
        }

        assert len(keys) == 20


class TestSun:
    def test_the_session_key_of_an12196(self):
        case = named("an12196-table1-sdm-session-keys")
        key = bytes.fromhex(case["given"]["K_SDMFileRead"])
        uid = bytes.fromhex(case["given"]["UID"])
        vector = bytes.fromhex("3cc300010080") + uid + (1).to_bytes(3, "little")

        assert vector.hex() == case["given"]["SV2"]
        assert aes_cmac(key, vector).hex() == case["expected"]["KSesSDMFileReadMAC"]

    def test_the_mac_over_nothing_of_an12196(self):
        case = named("an12196-table4-sdmmac")
        key = bytes.fromhex(case["given"]["K_SDMFileRead"])
        uid = bytes.fromhex(case["given"]["UID"])

        assert chip.sun_mac(key, uid, 0x3D).hex() == case["expected"]["SDMMAC"]

    def test_the_mac_over_a_message_of_an12196(self):
        case = named("an12196-p18-encfile")
        key = bytes.fromhex(case["given"]["K_SDMFileRead"])
        uid = bytes.fromhex(case["expected"]["UID"])
        message = case["given"]["mac_input_ascii"].encode()

        assert case["expected"]["SDMReadCtr"] == 8
        assert chip.sun_mac(key, uid, 8, message).hex() == case["expected"]["SDMMAC"]

    @pytest.mark.parametrize("case", VECTORS["taps"], ids=lambda case: case["name"])
    def test_each_tap_of_ours(self, case):
        facts, expected = case["given"], case["expected"]
        uid, counter = bytes.fromhex(facts["uid"]), facts["counter"]
        key = chip.card_key(
            bytes.fromhex(facts["master"]), uid, key_number=2, version=facts["version"]
        )
        tap = Tap(uid, counter, chip.sun_mac(key, uid, counter))

        assert key.hex() == expected["file_read_key"]
        assert tap.mac.hex() == expected["mac"]
        assert chip.tap_url(HOST, tap) == expected["url"]
        assert chip.read_tap_url(expected["url"], host=HOST) == tap
        assert chip.is_genuine(key, tap)

    def test_another_counter_uid_or_key_is_not_genuine(self):
        uid, key = bytes.fromhex("04a1b2c3d4e5f6"), bytes(16)
        mac = chip.sun_mac(key, uid, 256)

        assert not chip.is_genuine(key, Tap(uid, 1, mac))
        assert not chip.is_genuine(key, Tap(uid, 65536, mac))
        assert not chip.is_genuine(key, Tap(bytes(7), 256, mac))
        assert not chip.is_genuine(bytes(15) + b"\x01", Tap(uid, 256, mac))
        assert not chip.is_genuine(key, Tap(uid, 256, mac[:7]))


class TestReadTapUrl:
    @pytest.mark.parametrize("case", VECTORS["refused_urls"], ids=lambda case: case["name"])
    def test_gives_nothing_for_each_published_case(self, case):
        assert chip.read_tap_url(case["url"], host=HOST) is None

    @seed(62)
    @given(st.text(max_size=200))
    def test_gives_nothing_for_any_text(self, text):
        assert chip.read_tap_url(text, host=HOST) is None
        assert chip.read_tap_url(f"https://{HOST}/t?u={text}", host=HOST) is None

    def test_reads_lower_case_too(self):
        url = VECTORS["taps"][0]["expected"]["url"]
        head, _, query = url.partition("?u=")

        assert chip.read_tap_url(f"{head}?u={query.replace('C3D4', 'c3d4')}", host=HOST)


class TestAreRising:
    UID = bytes(7)

    @pytest.mark.parametrize("counters", [[], [5], [5, 5], [6, 5], [5, 7, 6]], ids=str)
    def test_refuses_one_tap_and_counters_that_do_not_rise(self, counters):
        assert not chip.are_rising([Tap(self.UID, counter, b"") for counter in counters])

    def test_refuses_two_chips(self):
        assert not chip.are_rising([Tap(bytes(7), 1, b""), Tap(b"\x04" + bytes(6), 2, b"")])

    def test_knows_two_rising_taps(self):
        assert chip.are_rising([Tap(self.UID, 5, b""), Tap(self.UID, 7, b"")])

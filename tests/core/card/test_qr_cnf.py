"""The public key of a chip in the card's QR: refused first, then read, by two readers."""

import zlib
from dataclasses import replace

import cbor2
import claim169
import pytest
import zxingcpp
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from betang.core.card import base45
from betang.core.card.cbor import Truth
from betang.core.card.chip_key import NotAChipKeyError, read_confirmation, write_confirmation
from betang.core.card.qr import CardClaims, QrRefusedError, read_token, sign_token
from betang.core.clock import from_wire
from betang.core.crypto.signing import dump_public_key, load_private_key, new_private_key, sign
from tests.core.card.vectors import read, ring_of, unix

VECTORS = read("qr_cnf.json")
RING = ring_of(VECTORS["ring"])
AT = from_wire(VECTORS["at"])
ISSUER = VECTORS["issuer"]
KEY, CHIP = new_private_key(), dump_public_key(new_private_key().public_key())
LONG = "Qwxyz Jkvbn Zhfgp Wqytr Xcvbm Plkjh Gfds"


def read_here(text: str) -> CardClaims:
    return read_token(text, RING, issuer=ISSUER, at=AT)


SUMIATI = replace(read_here(VECTORS["valid"][0]["text"]), chip_key=CHIP)


def signed(claims: CardClaims) -> str:
    return sign_token(claims, kid=1, sign=lambda message: sign(KEY, message))


def version_of(text: str) -> int:
    """Give the version of the code that a printer of level M makes of `text`."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    modules = code.to_image(scale=1, add_quiet_zones=False).shape[0]
    return (modules - 17) // 4


class TestRefuses:
    @pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
    def test_each_published_case_with_its_code(self, case):
        with pytest.raises(QrRefusedError) as refused:
            read_here(case["text"])

        assert refused.value.code == case["code"]

    @pytest.mark.parametrize(
        "point",
        [b"", CHIP[1:], CHIP[:-1], CHIP[:-1] + b"?", b"\2" + CHIP[1:33]],
        # The key is another in each process: its bytes must not name the tests.
        ids=["nothing", "no form byte", "one byte short", "off the curve", "compressed"],
    )
    def test_to_write_what_is_no_point(self, point):
        with pytest.raises(ValueError, match=r".*"):
            signed(replace(SUMIATI, chip_key=point))

    @seed(62)
    @settings(max_examples=500, deadline=None)
    @given(
        st.dictionaries(
            st.sampled_from([1, 3, -1, -2, -3, -4]),
            st.one_of(
                st.sampled_from([1, 2, 0, *Truth]), st.binary(max_size=31), st.just(CHIP[1:33])
            ),
        )
    )
    def test_any_key_that_is_not_in_our_one_form(self, key):
        x, odd = key.get(-2), key.get(-3)
        if set(key) == {1, -1, -2, -3} and (key[1], key[-1]) == (2, 1) and x == CHIP[1:33]:
            key[-1] = 2 if isinstance(odd, Truth) else 1

        with pytest.raises(NotAChipKeyError):
            read_confirmation({1: key})

    def test_every_byte_altered(self):
        data = zlib.decompress(base45.decode(VECTORS["valid"][0]["text"]))

        for at in range(len(data)):
            for bit in (0x01, 0x80):
                altered = data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
                with pytest.raises(QrRefusedError):
                    read_here(base45.encode(zlib.compress(altered, 0)))


class TestReads:
    @pytest.mark.parametrize("case", VECTORS["valid"], ids=lambda case: case["name"])
    def test_each_published_case(self, case):
        claims = read_here(case["text"])

        assert case["claims"] == {
            "issuer": claims.issuer,
            "issued_at": unix(claims.issued_at),
            "expires_at": unix(claims.expires_at),
            "card_number": claims.card_number,
            "household_name": claims.household_name,
            "regency": claims.regency,
            "chip_key": claims.chip_key.hex() if claims.chip_key else None,
        }

    @seed(62)
    @settings(max_examples=200, deadline=None)
    @given(st.integers(1, 2**255))
    def test_any_key_as_it_was_written(self, scalar):
        point = dump_public_key(load_private_key(scalar.to_bytes(32, "big")).public_key())
        written = write_confirmation(point)
        odd = Truth.TRUE if written[1][-3] else Truth.FALSE

        assert read_confirmation({1: {**written[1], -3: odd}}) == point

    def test_nothing_where_a_card_has_no_chip_key(self):
        for case in read("qr.json")["valid"]:
            ring = ring_of(read("qr.json")["ring"])
            assert read_token(case["text"], ring, issuer=ISSUER, at=AT).chip_key is None

    def test_is_read_and_verified_by_the_independent_reader(self):
        result = claim169.decode(
            signed(SUMIATI),
            verify_with_ecdsa_p256=dump_public_key(KEY.public_key()),
            validate_timestamps=False,
        )

        assert result.is_verified()
        assert result.claim169.id == SUMIATI.card_number
        assert result.claim169.full_name == "Sumiati"


class TestSize:
    def test_a_card_without_a_chip_key_is_written_byte_for_byte_as_before(self):
        vectors = read("qr.json")
        ring = ring_of(vectors["ring"])
        stored = [case for case in vectors["valid"] if "stored" in case["name"]]

        for case in stored:
            message = cbor2.loads(zlib.decompress(base45.decode(case["text"])))
            claims = read_token(case["text"], ring, issuer=ISSUER, at=AT)
            again = sign_token(claims, kid=1, sign=lambda _, was=message.value[3]: was)
            assert again == case["text"]
        assert len(stored) == 2

    def test_the_key_adds_45_bytes(self):
        with_key = zlib.decompress(base45.decode(signed(SUMIATI)))
        without = zlib.decompress(base45.decode(signed(replace(SUMIATI, chip_key=None))))

        assert len(with_key) == len(without) + 45

    def test_a_short_name_fits_version_11_and_the_longest_needs_12(self):
        short, long = signed(SUMIATI), signed(replace(SUMIATI, household_name=LONG))

        assert (len(short), version_of(short)) == (353, 11)
        assert (len(long), version_of(long)) == (404, 12)

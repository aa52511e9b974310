/**
 * The public key of a card's chip inside the signed QR: the claim `cnf` (RFC 8747, section 3.1), a COSE_Key whose y is
 * told by a sign alone (RFC 9053, section 7.1.1); the twin of betang/core/card/chip_key.py, held to it by
 * vectors/qr_cnf.json. The point is found here, since not every WebCrypto reads a compressed one.
 */

import { fromHex, toHex, type Bytes } from "./bytes";
import type { Cbor } from "./cbor";

const COSE_KEY = 1;
const KTY = 1;
const CRV = -1;
const X = -2;
const Y = -3;
const EC2 = 2;
const P256 = 1;

/** P-256 (NIST SP 800-186, section 3.2.1.3): y^2 = x^3 - 3x + b over the integers modulo p. */
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const COORDINATE_BYTES = 32;

/** The COSE_Key is not a P-256 point in the one form that we write. */
export class NotAChipKeyError extends RangeError {}

/**
 * This will read the value of a verified `cnf`: the uncompressed point, null where it holds no COSE_Key. Other ways of
 * confirmation are passed over, as are claims that are not ours; throws NotAChipKeyError for a COSE_Key in another form.
 */
export function readConfirmation(value: Cbor | undefined): Bytes | null {
  const key = value instanceof Map ? value.get(COSE_KEY) : undefined;
  if (!(key instanceof Map)) return null;
  const x = key.get(X);
  const odd = key.get(Y);
  const ours = key.size === 4 && key.get(KTY) === EC2 && key.get(CRV) === P256;
  if (!ours || !(x instanceof Uint8Array) || x.length !== COORDINATE_BYTES || typeof odd !== "boolean") {
    throw new NotAChipKeyError("not a P-256 key in our form");
  }
  return pointOf(BigInt(`0x${toHex(x)}`), odd);
}

/** This will find the point of the curve with this x (SEC 1, section 2.3.4). Nothing here is secret. */
function pointOf(x: bigint, odd: boolean): Bytes {
  if (x >= P) throw new NotAChipKeyError("beyond the field");
  const square = (((x * x - 3n) * x + B) % P + P) % P;
  const root = power(square, (P + 1n) / 4n); // p is 3 modulo 4
  if ((root * root) % P !== square) throw new NotAChipKeyError("no point with this x");
  const y = (root & 1n) === (odd ? 1n : 0n) ? root : P - root;
  return fromHex(`04${hex(x)}${hex(y)}`);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

function hex(coordinate: bigint): string {
  return coordinate.toString(16).padStart(2 * COORDINATE_BYTES, "0");
}

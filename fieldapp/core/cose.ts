/**
 * COSE_Sign1 (RFC 9052, section 4.2) as Betang writes it: tag 18, a protected header of exactly alg, kid and typ, nothing
 * unprotected, an empty external_aad. The twin of betang/core/card/cose.py. Algorithm and purpose are the ring's.
 */

import { byteString, decode, head, NotOurCborError, Tagged, textString, type Cbor } from "./cbor";
import { concat, type Bytes } from "./bytes";
import { publicKeyFromPoint, verify } from "./es256";
import { trusted, type Purpose, type Ring, type RingKey } from "./ring";

const ALG = 1;
const KID = 4;
const TYP = 16;
const ES256 = -7;
const SIGNATURE_BYTES = 64;

/** `code`: `not_ours`, `malformed`, `bad_signature`, or the ring's `key.…`. */
export class CoseRefusedError extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

/** This will give the `typ` that binds a message to its purpose. */
export function typOf(purpose: Purpose): string {
  return `application/betang-${purpose}+cose`;
}

/** This will verify a message and give its payload, undecoded, and the key; throws CoseRefusedError. */
export async function openMessage(data: Bytes, ring: Ring, purpose: Purpose): Promise<{ payload: Bytes; key: RingKey }> {
  const { protected_header, payload, signature } = parts(data);
  const kid = kidOf(protected_header, purpose);
  const key = trusted(ring, kid, purpose);
  if (typeof key === "string") throw new CoseRefusedError(key);
  const signed = concat(
    head(4, 4),
    textString("Signature1"),
    byteString(protected_header),
    byteString(new Uint8Array()),
    byteString(payload),
  );
  const genuine = await verify(await publicKeyFromPoint(key.point), signature, signed);
  if (!genuine) throw new CoseRefusedError("bad_signature");
  return { payload, key };
}

function parts(data: Bytes): { protected_header: Bytes; payload: Bytes; signature: Bytes } {
  const tagged = read(data);
  const items = tagged instanceof Tagged && tagged.tag === 18 ? tagged.item : null;
  if (!Array.isArray(items) || items.length !== 4) throw new CoseRefusedError("not_ours");
  const [protected_header, unprotected, payload, signature] = items;
  if (
    !(protected_header instanceof Uint8Array) ||
    !(unprotected instanceof Map) ||
    !(payload instanceof Uint8Array) ||
    !(signature instanceof Uint8Array)
  ) {
    throw new CoseRefusedError("not_ours");
  }
  // What is not signed is not read: nothing may stand in the unprotected header.
  if (unprotected.size > 0 || signature.length !== SIGNATURE_BYTES) throw new CoseRefusedError("malformed");
  return { protected_header, payload, signature };
}

function kidOf(protected_header: Bytes, purpose: Purpose): number {
  const header = read(protected_header);
  const typ = header instanceof Map ? header.get(TYP) : undefined;
  if (!(header instanceof Map) || typeof typ !== "string" || !/^application\/betang-.*\+cose$/s.test(typ)) {
    throw new CoseRefusedError("not_ours");
  }
  if (typ !== typOf(purpose)) throw new CoseRefusedError("key.other_purpose");
  const kid = header.get(KID);
  const ours = header.size === 3 && header.get(ALG) === ES256 && kid instanceof Uint8Array && kid.length === 1;
  if (!ours) throw new CoseRefusedError("malformed");
  return kid[0] ?? 0;
}

function read(data: Bytes): Cbor {
  try {
    return decode(data);
  } catch (error) {
    if (error instanceof NotOurCborError) throw new CoseRefusedError("not_ours");
    throw error;
  }
}

/**
 * The ring: which key signs or opens what (docs/protocols/device.md, section 4). The phone believes the enrolment
 * key by its hash in the code; that key signs the ring; the ring names the rest. Algorithm and purpose always come
 * from here, never from a message.
 */

import { concat, equal, fromBase64Url, fromUtf8, sha256, type Bytes } from "./bytes";
import { publicKeyFromPoint } from "./es256";
import { isRecord, openJws, readJws, SignatureError } from "./jws";

export type Purpose =
  | "card"
  | "list"
  | "lease"
  | "checkpoint"
  | "manifest"
  | "enrolment"
  | "ring"
  | "acknowledgement"
  | "seal";

const RING_TYP = "betang-ring+jws";

export interface RingKey {
  readonly kid: number;
  readonly purpose: Purpose;
  readonly alg: string;
  /** The uncompressed point, 65 bytes. */
  readonly point: Bytes;
  readonly not_before_ms: number;
  readonly not_after_ms: number;
  readonly state: "active" | "retired" | "revoked";
}

export interface Ring {
  readonly issued_at: string;
  readonly keys: readonly RingKey[];
}

/** This will open the first ring: signed by the enrolment key with this hash; throws SignatureError otherwise. */
export async function openFirstRing(jws: string, enrolment_key_sha256: Bytes): Promise<Ring> {
  const read = readJws(jws, RING_TYP);
  const signer = keptRing(jws).keys.find((key) => String(key.kid) === read.header["kid"]);
  if (signer?.purpose !== "enrolment" || !equal(await sha256(signer.point), enrolment_key_sha256)) {
    throw new SignatureError("ring: not the key of the code");
  }
  return ringOf(await openJws(read, await publicKeyFromPoint(signer.point)));
}

/**
 * This will open a later ring: signed by the `ring` key that the ring held until now names, or by its `enrolment` key
 * (so while the ring key is new, docs/protocols/keys.md section 2), and not older than it.
 */
export async function openNextRing(jws: string, held: Ring): Promise<Ring> {
  const read = readJws(jws, RING_TYP);
  const kid = Number(read.header["kid"]);
  const voucher = trusted(held, kid, "enrolment");
  const signer = typeof voucher === "string" ? trusted(held, kid, "ring") : voucher;
  if (typeof signer === "string") throw new SignatureError(`ring: ${signer}`);
  const next = ringOf(await openJws(read, await publicKeyFromPoint(signer.point)));
  if (!(Date.parse(next.issued_at) >= Date.parse(held.issued_at))) throw new SignatureError("ring: older");
  return next;
}

/** This will read a ring that was verified when it was kept; who can change it here could change the app itself. */
export function keptRing(jws: string): Ring {
  const { payload } = readJws(jws, RING_TYP);
  try {
    return ringOf(JSON.parse(fromUtf8(payload)));
  } catch (error) {
    if (error instanceof SignatureError) throw error;
    throw new SignatureError("ring", { cause: error });
  }
}

export type NotTrusted = "key.unknown" | "key.other_purpose" | "key.rotated_out" | "key.not_valid_then";

/** This will give the key that may have signed for `purpose` (at `signed_at_ms`, if given), or why none may have. */
export function trusted(ring: Ring, kid: number, purpose: Purpose, signed_at_ms?: number): RingKey | NotTrusted {
  const key = ring.keys.find((candidate) => candidate.kid === kid);
  if (key === undefined) return "key.unknown";
  if (key.purpose !== purpose || key.alg !== "ES256") return "key.other_purpose";
  if (key.state === "revoked") return "key.rotated_out";
  const outside = signed_at_ms !== undefined && !(key.not_before_ms <= signed_at_ms && signed_at_ms <= key.not_after_ms);
  return outside ? "key.not_valid_then" : key;
}

/** This will give the newest active key for `purpose`: the one to seal to. */
export function activeKey(ring: Ring, purpose: Purpose): RingKey | undefined {
  const active = ring.keys.filter((key) => key.purpose === purpose && key.state === "active");
  return active.sort((a, b) => b.kid - a.kid)[0];
}

/** This will read the ring's payload; the caller has verified it. */
export function ringOf(payload: unknown): Ring {
  if (!isRecord(payload) || payload["v"] !== 1 || !Array.isArray(payload["keys"])) throw new SignatureError("ring");
  if (Number.isNaN(Date.parse(String(payload["issued_at"])))) throw new SignatureError("ring: date");
  return { issued_at: String(payload["issued_at"]), keys: payload["keys"].map(ringKeyOf) };
}

function ringKeyOf(key: unknown): RingKey {
  if (!isRecord(key)) throw new SignatureError("ring: key");
  const x = fromBase64Url(String(key["x"]));
  const y = fromBase64Url(String(key["y"]));
  if (x.length !== 32 || y.length !== 32) throw new SignatureError("ring: point");
  return {
    kid: Number(key["kid"]),
    purpose: String(key["purpose"]) as Purpose,
    alg: String(key["alg"]),
    point: concat(new Uint8Array([4]), x, y),
    not_before_ms: Date.parse(String(key["not_before"])),
    not_after_ms: Date.parse(String(key["not_after"])),
    state: String(key["state"]) as RingKey["state"],
  };
}

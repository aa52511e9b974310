/** Rights in a signed event, and the lease that a transfer makes; the twin of betang/core/lease/rights.py. */

import { concat, fromBase64Url, fromHex, toBase64Url, toHex, type Bytes } from "./bytes";

/** The giver's event travels inside the receiver's, whose payload has 16 KiB. */
export const RIGHTS_MAX = 480;
const UUID_BYTES = 16;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** This will write rights as 16 bytes each, in rising order, base64url. */
export function writeRights(rights: readonly string[]): string {
  return toBase64Url(concat(...[...rights].sort().map((right) => fromHex(right.replaceAll("-", "")))));
}

/** This will read rights; throws RangeError where they are none, too many, or not in rising order. */
export function readRights(text: string): string[] {
  const bytes = fromBase64Url(text);
  if (bytes.length === 0 || bytes.length % UUID_BYTES !== 0 || bytes.length > RIGHTS_MAX * UUID_BYTES || toBase64Url(bytes) !== text) {
    throw new RangeError("not a list of rights");
  }
  const rights: string[] = [];
  for (let at = 0; at < bytes.length; at += UUID_BYTES) rights.push(uuidOf(bytes.slice(at, at + UUID_BYTES)));
  if (rights.some((right, n) => n > 0 && right <= (rights[n - 1] ?? ""))) throw new RangeError("not in rising order");
  return rights;
}

/** This will name the lease that a transfer makes, by the hash of the giver's payload (RFC 9562, version 8). */
export function leaseMadeBy(payload_sha256: string): string {
  const name = fromHex(payload_sha256).slice(0, UUID_BYTES);
  name[6] = ((name[6] ?? 0) & 0x0f) | 0x80;
  name[8] = ((name[8] ?? 0) & 0x3f) | 0x80;
  return uuidOf(name);
}

/** This will say whether `text` is a uuid in its canonical form. */
export function isUuid(text: unknown): text is string {
  return typeof text === "string" && UUID.test(text);
}

function uuidOf(bytes: Bytes): string {
  const hex = toHex(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

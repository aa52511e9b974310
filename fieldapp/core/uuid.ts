/** UUID version 7 (RFC 9562): a name that sorts by when it was made. */

import { random, toHex } from "./bytes";

/** This will make a UUIDv7 for `now_ms` (Unix milliseconds). */
export function newUuid(now_ms: number = Date.now()): string {
  const bytes = random(16);
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now_ms / 2 ** (8 * (5 - i))) & 0xff;
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = toHex(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Base45 (RFC 9285): the alphabet of a QR code's alphanumeric mode. */

import type { Bytes } from "./bytes";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** This will read Base45; throws RangeError on a stray character, a bad length or a value too large. */
export function fromBase45(text: string): Bytes {
  if (text.length % 3 === 1) throw new RangeError("not base45");
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i += 3) {
    const group = [...text.slice(i, i + 3)].map((character) => ALPHABET.indexOf(character));
    if (group.includes(-1)) throw new RangeError("not base45");
    const [c = 0, d = 0, e = 0] = group;
    const value = c + d * 45 + e * 2025;
    if (value > (group.length === 3 ? 0xffff : 0xff)) throw new RangeError("not base45");
    if (group.length === 3) bytes.push(value >> 8);
    bytes.push(value & 0xff);
  }
  return new Uint8Array(bytes);
}

/** This will write Base45. */
export function toBase45(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 2) {
    const pair = i + 1 < bytes.length;
    let value = pair ? ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0) : (bytes[i] ?? 0);
    for (let digit = 0; digit < (pair ? 3 : 2); digit++) {
      text += ALPHABET[value % 45];
      value = Math.floor(value / 45);
    }
  }
  return text;
}

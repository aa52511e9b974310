/** AES-CMAC (RFC 4493) with AES-128 keys; the twin of betang/core/crypto/cmac.py. */

import { BLOCK_BYTES, cbc } from "./aes";
import { concat, type Bytes } from "./bytes";

/** This will compute the full CMAC of `message` (RFC 4493, section 2.4). */
export async function aesCmac(key: Bytes, message: Bytes): Promise<Bytes> {
  const [whole, padded] = await subkeys(key);
  const complete = message.length > 0 && message.length % BLOCK_BYTES === 0;
  const filled = complete ? message : pad(message);
  const start = filled.length - BLOCK_BYTES;
  const last = xor(filled.slice(start), complete ? whole : padded);
  return (await cbc(key, concat(filled.slice(0, start), last))).slice(-BLOCK_BYTES);
}

/** This will compute K1 and K2 (RFC 4493, section 2.3), which AN10922 needs by themselves. */
export async function subkeys(key: Bytes): Promise<[Bytes, Bytes]> {
  const first = doubled(await cbc(key, new Uint8Array(BLOCK_BYTES)));
  return [first, doubled(first)];
}

/** This will compute a CMAC and keep its second, fourth, ... sixteenth byte, as the chip does. */
export async function shortMac(key: Bytes, message: Bytes): Promise<Bytes> {
  return (await aesCmac(key, message)).filter((_, place) => place % 2 === 1);
}

/** This will pad to whole blocks: 80h, then zeros, always at least one byte. */
export function pad(data: Bytes): Bytes {
  const filled = new Uint8Array((Math.floor(data.length / BLOCK_BYTES) + 1) * BLOCK_BYTES);
  filled.set(data);
  filled[data.length] = 0x80;
  return filled;
}

/** This will combine two byte strings of one length. */
export function xor(a: Bytes, b: Bytes): Bytes {
  if (a.length !== b.length) throw new RangeError("two lengths");
  return a.map((byte, place) => byte ^ (b[place] ?? 0));
}

function doubled(block: Bytes): Bytes {
  const carry = (block[0] ?? 0) >>> 7;
  return block.map((byte, place) => {
    const next = ((block[place + 1] ?? 0) >>> 7) | ((byte << 1) & 0xff);
    return place === BLOCK_BYTES - 1 ? next ^ (carry * 0x87) : next;
  });
}

/**
 * AES-128 without padding, block by block and chained, out of WebCrypto's AES-CBC, which always pads: the padding block is
 * cut off again when writing, and made first when reading.
 */

import { concat, type Bytes } from "./bytes";

export const BLOCK_BYTES = 16;
const NO_IV = new Uint8Array(BLOCK_BYTES);

/** This will encrypt whole blocks with AES-CBC and no padding. */
export async function cbc(key: Bytes, data: Bytes, iv: Bytes = NO_IV): Promise<Bytes> {
  if (data.length % BLOCK_BYTES !== 0) throw new RangeError("not whole blocks");
  return (await padded(key, data, iv)).slice(0, data.length);
}

/** This will decrypt whole blocks of AES-CBC without padding; throws RangeError for another length. */
export async function uncbc(key: Bytes, data: Bytes, iv: Bytes = NO_IV): Promise<Bytes> {
  if (data.length % BLOCK_BYTES !== 0) throw new RangeError("not whole blocks");
  if (data.length === 0) return new Uint8Array();
  // One block more that decrypts to the padding WebCrypto wants to see: the encryption of nothing, chained.
  const padding = await padded(key, new Uint8Array(), data.slice(-BLOCK_BYTES));
  const plain = await crypto.subtle.decrypt({ name: "AES-CBC", iv }, await imported(key, "decrypt"), concat(data, padding));
  return new Uint8Array(plain);
}

async function padded(key: Bytes, data: Bytes, iv: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.encrypt({ name: "AES-CBC", iv }, await imported(key, "encrypt"), data));
}

async function imported(key: Bytes, use: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, "AES-CBC", false, [use]);
}

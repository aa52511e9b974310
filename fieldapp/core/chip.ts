/**
 * The chip's message: keys of one card, the MAC that proves a tap, encrypted mirrors; the twin of betang/core/card/chip.py and
 * sdm.py. A phone holds no key of a chip: this is for the vectors, and for whoever verifies with a key of his own.
 */

import { cbc, uncbc } from "./aes";
import { concat, equal, fromHex, utf8, type Bytes } from "./bytes";
import { aesCmac, pad, shortMac, subkeys, xor } from "./cmac";

export const UID_BYTES = 7;
const SYSTEM_ID = utf8("betang");
const SV1 = fromHex("C33C00010080");
const SV2 = fromHex("3CC300010080");
const AN10922_BYTES = 32;
/** UID and counter mirrored, seven bytes of UID (data sheet, section 9.3.4). */
const PICC_TAG = 0xc7;

export interface PiccData {
  readonly uid: Bytes;
  readonly counter: number;
}

/** This will derive an AES-128 key from a master and 1 to 31 bytes (AN10922, section 2.2). */
export async function diversify(master: Bytes, data: Bytes): Promise<Bytes> {
  if (data.length < 1 || data.length >= AN10922_BYTES) throw new RangeError("AN10922 diversifies with 1 to 31 bytes");
  const [whole, padded] = await subkeys(master);
  const given = concat(new Uint8Array([1]), data);
  const full = given.length === AN10922_BYTES;
  const message = new Uint8Array(AN10922_BYTES);
  message.set(full ? given : pad(given).slice(0, AN10922_BYTES));
  const ending = xor(message.slice(16), full ? whole : padded);
  return (await cbc(master, concat(message.slice(0, 16), ending))).slice(16);
}

/** This will derive key `number` of the card `uid` from the master of that version. */
export async function cardKey(master: Bytes, uid: Bytes, number: number, version: number): Promise<Bytes> {
  if (uid.length !== UID_BYTES) throw new RangeError("a UID has 7 bytes");
  return diversify(master, concat(uid, new Uint8Array([number, version]), SYSTEM_ID));
}

/** This will compute the SDMMAC of the reading `counter` over `message`, nothing on our cards (AN12196, section 3.4.4). */
export async function sunMac(file_read_key: Bytes, { uid, counter }: PiccData, message: Bytes = new Uint8Array()): Promise<Bytes> {
  return shortMac(await aesCmac(file_read_key, concat(SV2, uid, lowFirst(counter))), message);
}

/** This will say whether the chip that holds the key made this tap. It does not say when. */
export async function isGenuine(file_read_key: Bytes, tap: PiccData, mac: Bytes): Promise<boolean> {
  return equal(await sunMac(file_read_key, tap), mac);
}

/** This will decrypt a mirrored UID and counter; throws RangeError where they are not both there. */
export async function readPiccData(meta_read_key: Bytes, encrypted: Bytes): Promise<PiccData> {
  const plain = await uncbc(meta_read_key, encrypted);
  if (plain.length !== 16 || plain[0] !== PICC_TAG) throw new RangeError("not the UID and the counter of a chip");
  const [low = 0, middle = 0, high = 0] = plain.slice(8, 11);
  return { uid: plain.slice(1, 8), counter: low | (middle << 8) | (high << 16) };
}

/** This will derive the key of one reading's encrypted file data. */
export async function fileEncryptionKey(file_read_key: Bytes, { uid, counter }: PiccData): Promise<Bytes> {
  return aesCmac(file_read_key, concat(SV1, uid, lowFirst(counter)));
}

/** This will decrypt the part of the file that the chip mirrors encrypted. */
export async function readFileData(file_read_key: Bytes, picc: PiccData, encrypted: Bytes): Promise<Bytes> {
  const key = await fileEncryptionKey(file_read_key, picc);
  const block = new Uint8Array(16);
  block.set(lowFirst(picc.counter));
  return uncbc(key, encrypted, await cbc(key, block));
}

function lowFirst(counter: number): Bytes {
  return new Uint8Array([counter & 0xff, (counter >>> 8) & 0xff, (counter >>> 16) & 0xff]);
}

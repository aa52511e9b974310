/**
 * Sealing to the server (docs/protocols/keys.md, section 3; event.md, section 3): every attachment has a key of its own,
 * wrapped under a batch key that is sealed to the ring's `seal` key. After that the phone itself cannot open it again.
 */

import { concat, random, sha256, toBase64Url, toHex, utf8, type Bytes } from "./bytes";
import type { RingKey } from "./ring";

const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;
const IV_BYTES = 12;
const INFO = utf8("betang/seal/1");
const BATCH_KEY = utf8("betang/batch-key/1");
const BLOB_KEY = utf8("betang/blob-key/1");
const ATTACHMENT = utf8("betang/attachment/1");
const BLOB = utf8("betang/blob/1");
/** The most an attachment may weigh beside its event; larger ones travel as blobs. */
export const ATTACHMENT_MAX_BYTES = 8192;

/** A batch key as it travels. */
export interface SealedBatchKey {
  readonly kid: number;
  readonly sealed: string;
}

export interface BatchKey {
  /** Encrypts only; its bytes are forgotten once they are sealed. */
  readonly key: CryptoKey;
  readonly sealed: SealedBatchKey;
}

export interface Sealed {
  readonly sha256: string;
  readonly ciphertext: Bytes;
  readonly key: Bytes;
}

export interface SealedBlob {
  readonly sha256: string;
  readonly ciphertext: Bytes;
  /** The value of the header `Blob-Key`. */
  readonly blob_key: string;
}

/** This will make a batch key and seal it to the server. */
export async function newBatchKey(seal_key: RingKey): Promise<BatchKey> {
  const { key, sealed } = await newSealedKey(seal_key, BATCH_KEY);
  return { key, sealed: { kid: seal_key.kid, sealed: toBase64Url(sealed) } };
}

/** This will seal `plaintext` under a key of its own, wrapped under the batch key. */
export async function sealAttachment(batch: BatchKey, plaintext: Bytes): Promise<Sealed> {
  const own = random(32);
  const key = await crypto.subtle.importKey("raw", own, "AES-GCM", false, ["encrypt"]);
  const ciphertext = await encrypt(key, plaintext, ATTACHMENT);
  const digest = await sha256(ciphertext);
  const wrapped = await encrypt(batch.key, own, digest);
  own.fill(0);
  return { sha256: toHex(digest), ciphertext, key: wrapped };
}

/** This will seal a photo as a blob: its own key is sealed to the server directly, for it travels alone. */
export async function sealBlob(seal_key: RingKey, plaintext: Bytes): Promise<SealedBlob> {
  const { key, sealed } = await newSealedKey(seal_key, BLOB_KEY);
  const ciphertext = await encrypt(key, plaintext, BLOB);
  return { sha256: toHex(await sha256(ciphertext)), ciphertext, blob_key: `${seal_key.kid}.${toBase64Url(sealed)}` };
}

/**
 * This will seal `message` to the holder of the private half of `recipient` (65 bytes): ephemeral point, nonce,
 * ciphertext and tag. `ephemeral` and `iv` are given only by the tests that compare vectors.
 */
export async function sealTo(
  recipient: Bytes,
  message: Bytes,
  context: Bytes,
  ephemeral?: CryptoKeyPair,
  iv?: Bytes,
): Promise<Bytes> {
  const own = ephemeral ?? (await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]));
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
  const theirs = await crypto.subtle.importKey("raw", recipient, CURVE, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256);
  const key = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: concat(INFO, point, recipient) },
    await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]),
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt"],
  );
  return concat(point, await encrypt(key, message, context, iv));
}

async function newSealedKey(seal_key: RingKey, context: Bytes): Promise<{ key: CryptoKey; sealed: Bytes }> {
  const bytes = random(32);
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt"]);
  const sealed = await sealTo(seal_key.point, bytes, context);
  bytes.fill(0);
  return { key, sealed };
}

async function encrypt(key: CryptoKey, plaintext: Bytes, additionalData: Bytes, given?: Bytes): Promise<Bytes> {
  const iv = given ?? random(IV_BYTES);
  const ciphertext = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, plaintext);
  return concat(iv, new Uint8Array(ciphertext));
}

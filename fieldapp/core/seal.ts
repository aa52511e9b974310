/**
 * Attachments sealed to the server (docs/protocols/event.md, section 3): a key each, wrapped under a batch key that
 * is wrapped to the ring's `seal` key. After the wrapping the phone itself cannot open them again.
 */

import { concat, random, sha256, toBase64Url, toHex, utf8, type Bytes } from "./bytes";
import type { RingKey } from "./ring";

const IV_BYTES = 12;
const ATTACHMENT = utf8("betang-attachment/1");
const SEAL = utf8("betang-seal/1");
/** The most an attachment may weigh beside its event; larger ones travel as blobs. */
export const ATTACHMENT_MAX_BYTES = 8192;

export interface WrappedBatchKey {
  readonly kid: number;
  readonly epk: string;
  readonly wrapped: string;
}

export interface BatchKey {
  /** Encrypts only; its bytes are forgotten once they are wrapped. */
  readonly key: CryptoKey;
  readonly wrapped: WrappedBatchKey;
}

export interface Sealed {
  readonly sha256: string;
  readonly ciphertext: Bytes;
  readonly key: Bytes;
}

export interface SealedBlob {
  readonly sha256: string;
  readonly ciphertext: Bytes;
  readonly blob_key: WrappedBatchKey;
}

/** This will make a batch key and wrap it to the server's `seal` key: ECDH P-256, HKDF-SHA-256, AES-256-GCM. */
export async function newBatchKey(seal_key: RingKey): Promise<BatchKey> {
  const curve = { name: "ECDH", namedCurve: "P-256" } as const;
  const server = await crypto.subtle.importKey("raw", seal_key.point, curve, false, []);
  const ephemeral = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const epk = new Uint8Array(await crypto.subtle.exportKey("raw", ephemeral.publicKey));
  const z = await crypto.subtle.deriveBits({ name: "ECDH", public: server }, ephemeral.privateKey, 256);
  const kek = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: epk, info: SEAL },
    await crypto.subtle.importKey("raw", z, "HKDF", false, ["deriveKey"]),
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt"],
  );
  const batch = random(32);
  const wrapped = await encrypt(kek, batch, SEAL);
  const key = await crypto.subtle.importKey("raw", batch, "AES-GCM", false, ["encrypt"]);
  batch.fill(0);
  return { key, wrapped: { kid: seal_key.kid, epk: toBase64Url(epk), wrapped: toBase64Url(wrapped) } };
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

/** This will seal a photo as a blob: its own key is wrapped to the server directly, for it travels alone. */
export async function sealBlob(seal_key: RingKey, plaintext: Bytes): Promise<SealedBlob> {
  const own = await newBatchKey(seal_key);
  const ciphertext = await encrypt(own.key, plaintext, ATTACHMENT);
  return { sha256: toHex(await sha256(ciphertext)), ciphertext, blob_key: own.wrapped };
}

async function encrypt(key: CryptoKey, plaintext: Bytes, additionalData: Bytes): Promise<Bytes> {
  const iv = random(IV_BYTES);
  return concat(
    iv,
    new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, plaintext)),
  );
}

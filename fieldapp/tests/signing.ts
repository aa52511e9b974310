/** A phone's signer for tests of the outbox: real keys, made anew. */

import { newKeyPair } from "../core/es256";
import type { RingKey } from "../core/ring";
import { newBatchKey } from "../core/seal";
import type { Signer } from "../store/queue";

/** This will make a key of a ring that is valid for ever. */
export function ringKey(facts: Pick<RingKey, "kid" | "purpose" | "point"> & Partial<RingKey>): RingKey {
  return { alg: "ES256", not_before_ms: 0, not_after_ms: 9e15, state: "active", ...facts };
}

/** This will make the server's key to which records are sealed. */
export async function newSealKey(): Promise<RingKey> {
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return ringKey({ kid: 9, purpose: "seal", alg: "ECDH-P256", point });
}

/** This will make what signs and seals the records of a phone. */
export async function newSigner(dev = "7K3M9QXA"): Promise<Signer> {
  const seal_key = await newSealKey();
  const { privateKey } = await newKeyPair();
  return { dev, key: privateKey, batch: { ...(await newBatchKey(seal_key)), id: "b" }, seal_key };
}

/** Enrolment: a code from the office, a key made here, six words compared by voice (device.md, section 4). */

import { fromBase64Url } from "../core/bytes";
import { newKeyPair, publicJwk, thumbprint, type PublicJwk } from "../core/es256";
import { sixWords } from "../core/proquint";
import { openFirstRing } from "../core/ring";
import { toHex } from "../core/bytes";
import type { Database, DeviceState, Identity } from "../store/database";
import { createVault, type OpenVault } from "../store/vault";
import { Client, type Outcome } from "./client";

export interface EnrolmentCode {
  readonly origin: string;
  readonly code: string;
  readonly key_hash: string;
}

const CODE = /^(https?:\/\/[^/\s]+)\/lapangan\/#enrol=([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;
const TYPED = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

/** This will read a scanned or typed code; a typed one may leave out the address of this very site. */
export function readCode(text: string, here: string): EnrolmentCode | null {
  const compact = text.replace(/\s+/g, "");
  const [, origin, code, key_hash] = CODE.exec(compact) ?? [];
  if (origin && code && key_hash) return { origin, code, key_hash };
  const [, typed_code, typed_hash] = TYPED.exec(compact) ?? [];
  return typed_code && typed_hash ? { origin: here, code: typed_code, key_hash: typed_hash } : null;
}

interface EnrolAnswer {
  device: { uuid: string; short_id: string; state: DeviceState; has_nfc: boolean };
  owner_name: string;
  words: string[];
  ring: string;
}

/** A key that was made but whose enrolment is not answered yet: the same code may be sent again with it. */
export interface PendingKey {
  readonly pair: CryptoKeyPair;
  readonly jwk: PublicJwk;
}

/** This will make the key that is being enrolled. */
export async function makeKey(): Promise<PendingKey> {
  const pair = await newKeyPair();
  return { pair, jwk: await publicJwk(pair.publicKey) };
}

export type EnrolResult =
  | { kind: "enrolled"; identity: Identity; vault: OpenVault }
  | { kind: "refused"; sentence: string; do: string }
  | { kind: "unreachable" };

/** This will enrol `key` with `code`, and keep identity, ring and the wrapped key. */
export async function enrol(
  db: Database,
  code: EnrolmentCode,
  key: PendingKey,
  pin: string,
  facts: { app_version: string; has_nfc: boolean },
): Promise<EnrolResult> {
  const client = new Client(code.origin, key.pair.privateKey, key.jwk);
  await client.ping();
  const outcome: Outcome<EnrolAnswer> = await client.sendJson("POST", "/api/v1/devices/enrol", {
    code: code.code,
    ...facts,
  });
  if (outcome.kind === "unreachable") return { kind: "unreachable" };
  if (outcome.kind === "refusal") return { kind: "refused", sentence: outcome.sentence, do: outcome.do };
  const { device, ring } = outcome.body;
  await openFirstRing(ring, fromBase64Url(code.key_hash)); // throws when the server is not the code's
  const own = await thumbprint(key.jwk);
  const identity: Identity = {
    origin: code.origin,
    device: device.uuid,
    short_id: device.short_id,
    jwk: key.jwk,
    thumbprint: toHex(own),
    enrolment_key_sha256: toHex(fromBase64Url(code.key_hash)),
    words: sixWords(own), // from our own key, never from the answer
    state: device.state,
    has_nfc: device.has_nfc,
  };
  const vault = await createVault(db, pin, key.pair.privateKey);
  await db.transaction("rw", db.meta, async () => {
    await db.write("ring", ring);
    await db.write("identity", identity);
  });
  return { kind: "enrolled", identity, vault };
}

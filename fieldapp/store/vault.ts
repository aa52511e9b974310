/**
 * The vault: the signing key and the roster's key, wrapped under a key that is made from the PIN. Unwrapped they
 * live in memory only, the signing key not extractable. A six-digit PIN stops a casual finder; it does not resist
 * somebody who copies the profile (docs/decisions/0042).
 */

import { concat, random, utf8, type Bytes } from "../core/bytes";
import type { Database, Vault } from "./database";

/** 0.16 s here, perhaps half a second on a cheap phone; more would be felt a hundred times a day and not save six digits. */
const ITERATIONS = 250_000;
export const PIN_LENGTH = 6;
/** From the fifth wrong PIN each try has to wait; the tenth destroys the keys (field.md). */
const WRONG_PINS_FREE = 4;
export const WRONG_PINS_MAX = 10;
const FIRST_WAIT_MS = 30_000;
const IV_BYTES = 12;

export interface OpenVault {
  readonly signing_key: CryptoKey;
  readonly roster_key: CryptoKey;
}

export type UnlockResult =
  | { kind: "open"; vault: OpenVault }
  | { kind: "wrong"; tries_left: number; wait_ms: number }
  | { kind: "wait"; wait_ms: number }
  | { kind: "wiped" };

/** This will wrap `signing_key` (extractable until now) and a new roster key under `pin` and keep them. */
export async function createVault(db: Database, pin: string, signing_key: CryptoKey): Promise<OpenVault> {
  const salt = random(16);
  const pin_key = await keyOfPin(pin, salt, ITERATIONS);
  const roster_key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
  const vault: Vault = {
    salt,
    iterations: ITERATIONS,
    signing_key: await wrap(pin_key, "pkcs8", signing_key),
    roster_key: await wrap(pin_key, "raw", roster_key),
    wrong_pins: 0,
    retry_at_ms: 0,
  };
  await db.write("vault", vault);
  return open(pin_key, vault);
}

/** This will try `pin`. A wrong one is counted before the answer, so that closing the app does not undo it. */
export async function unlock(db: Database, pin: string, now_ms: number): Promise<UnlockResult> {
  const vault = await db.read<Vault>("vault");
  if (!vault?.signing_key || !vault.roster_key) return { kind: "wiped" };
  if (now_ms < vault.retry_at_ms) return { kind: "wait", wait_ms: vault.retry_at_ms - now_ms };
  const pin_key = await keyOfPin(pin, vault.salt, vault.iterations);
  try {
    const opened = await open(pin_key, vault);
    if (vault.wrong_pins > 0) await db.write("vault", { ...vault, wrong_pins: 0, retry_at_ms: 0 });
    return { kind: "open", vault: opened };
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
  const wrong_pins = vault.wrong_pins + 1;
  if (wrong_pins >= WRONG_PINS_MAX) {
    await wipe(db);
    return { kind: "wiped" };
  }
  const wait_ms = wrong_pins <= WRONG_PINS_FREE ? 0 : FIRST_WAIT_MS * 2 ** (wrong_pins - WRONG_PINS_FREE - 1);
  await db.write("vault", { ...vault, wrong_pins, retry_at_ms: now_ms + wait_ms });
  return { kind: "wrong", tries_left: WRONG_PINS_MAX - wrong_pins, wait_ms };
}

/** This will destroy the keys and the roster. Records that were signed stay: they are sealed to the server. */
export async function wipe(db: Database): Promise<void> {
  await db.transaction("rw", db.meta, db.roster, db.drafts, db.tickets, async () => {
    const vault = await db.read<Vault>("vault");
    if (vault) await db.write("vault", { ...vault, signing_key: null, roster_key: null });
    await db.roster.clear();
    await db.drafts.clear();
    await db.tickets.clear();
    await db.write("tickets_revision", 0);
  });
}

/** This will encrypt `value` (JSON) for keeping on the phone. */
export async function sealRow(key: CryptoKey, value: unknown): Promise<Bytes> {
  const iv = random(IV_BYTES);
  const ciphertext = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, utf8(JSON.stringify(value)));
  return concat(iv, new Uint8Array(ciphertext));
}

/** This will open what `sealRow` made. */
export async function openRow<Value>(key: CryptoKey, sealed: Bytes): Promise<Value> {
  const iv = sealed.slice(0, IV_BYTES);
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed.slice(IV_BYTES));
  return JSON.parse(new TextDecoder().decode(plain)) as Value;
}

async function keyOfPin(pin: string, salt: Bytes, iterations: number): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", utf8(pin), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations },
    material,
    { name: "AES-GCM", length: 256 },
    false,
    ["wrapKey", "unwrapKey"],
  );
}

async function wrap(pin_key: CryptoKey, format: "raw" | "pkcs8", key: CryptoKey): Promise<Bytes> {
  const iv = random(IV_BYTES);
  return concat(iv, new Uint8Array(await crypto.subtle.wrapKey(format, key, pin_key, { name: "AES-GCM", iv })));
}

async function open(pin_key: CryptoKey, vault: Vault): Promise<OpenVault> {
  const { signing_key, roster_key } = vault;
  if (!signing_key || !roster_key) throw new DOMException("no keys", "OperationError");
  return {
    signing_key: await crypto.subtle.unwrapKey(
      "pkcs8",
      signing_key.slice(IV_BYTES),
      pin_key,
      { name: "AES-GCM", iv: signing_key.slice(0, IV_BYTES) },
      { name: "ECDSA", namedCurve: "P-256" },
      false,
      ["sign"],
    ),
    roster_key: await crypto.subtle.unwrapKey(
      "raw",
      roster_key.slice(IV_BYTES),
      pin_key,
      { name: "AES-GCM", iv: roster_key.slice(0, IV_BYTES) },
      { name: "AES-GCM", length: 256 },
      false,
      ["encrypt", "decrypt"],
    ),
  };
}

/**
 * The vault: the signing key and the roster's key, wrapped under a key that is made from the PIN. Unwrapped they
 * live in memory only, the signing key not extractable. A six-digit PIN stops a casual finder; it does not resist
 * somebody who copies the profile (docs/decisions/0042).
 */

import { concat, random, toHex, utf8, type Bytes } from "../core/bytes";
import type { Database, Vault } from "./database";
import { exclusively } from "./locks";

/** 0.16 s here, perhaps half a second on a cheap phone; more would be felt a hundred times a day and not save six digits. */
const ITERATIONS = 250_000;
export const PIN_LENGTH = 6;
/** From the fifth wrong PIN each try has to wait; the tenth destroys the keys (field.md). */
const WRONG_PINS_FREE = 4;
export const WRONG_PINS_MAX = 10;
const FIRST_WAIT_MS = 30_000;
const IV_BYTES = 12;
const INDEX_INFO = utf8("betang/phone-index/1");

export interface OpenVault {
  readonly signing_key: CryptoKey;
  readonly roster_key: CryptoKey;
  /** Names the sealed rows: who knows a family's uuid or a chip's UID cannot ask the flash whether it is here. */
  readonly index_key: CryptoKey;
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
  const vault: Vault = {
    salt,
    iterations: ITERATIONS,
    signing_key: await wrap(pin_key, "pkcs8", signing_key),
    roster_key: await newRosterKey(pin_key),
    wrong_pins: 0,
    retry_at_ms: 0,
  };
  await db.write("vault", vault);
  return open(pin_key, vault);
}

/**
 * This will try `pin`. It is counted before it is tried, one at a time over all tabs, so that neither closing the app
 * nor a second tab gives a try for nothing.
 */
export async function unlock(db: Database, pin: string, now_ms: number): Promise<UnlockResult> {
  return exclusively("betang-pin", () => attempt(db, pin, now_ms));
}

async function attempt(db: Database, pin: string, now_ms: number): Promise<UnlockResult> {
  const vault = await db.read<Vault>("vault");
  if (!vault?.signing_key) return { kind: "wiped" };
  const left_ms = vault.retry_at_ms - now_ms;
  if (left_ms > 0) {
    // A clock that was turned back since then shortens nothing, and shuts nobody out for a year: the wait begins anew.
    const wait_ms = Math.min(left_ms, waitAfter(vault.wrong_pins));
    if (wait_ms < left_ms) await db.write("vault", { ...vault, retry_at_ms: now_ms + wait_ms });
    return { kind: "wait", wait_ms };
  }
  const wrong_pins = vault.wrong_pins + 1;
  const wait_ms = waitAfter(wrong_pins);
  await db.write("vault", { ...vault, wrong_pins, retry_at_ms: now_ms + wait_ms });
  const opened = await tryPin(db, vault, pin);
  if (opened !== null) return { kind: "open", vault: opened };
  if (wrong_pins < WRONG_PINS_MAX) return { kind: "wrong", tries_left: WRONG_PINS_MAX - wrong_pins, wait_ms };
  await wipe(db);
  return { kind: "wiped" };
}

function waitAfter(wrong_pins: number): number {
  return wrong_pins <= WRONG_PINS_FREE ? 0 : FIRST_WAIT_MS * 2 ** (wrong_pins - WRONG_PINS_FREE - 1);
}

/** A right PIN clears the count; where the roster's key was destroyed it brings a new one, for a roster that comes anew. */
async function tryPin(db: Database, before: Vault, pin: string): Promise<OpenVault | null> {
  const pin_key = await keyOfPin(pin, before.salt, before.iterations);
  let vault: Vault = { ...before, wrong_pins: 0, retry_at_ms: 0 };
  try {
    if (before.roster_key === null) {
      await openSigningKey(pin_key, vault);
      vault = { ...vault, roster_key: await newRosterKey(pin_key) };
    }
    const opened = await open(pin_key, vault);
    await db.write("vault", vault);
    return opened;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return null;
  }
}

/** This will destroy the keys and the roster. Records that were signed stay: they are sealed to the server. */
export async function wipe(db: Database): Promise<void> {
  await emptyRoster(db, { signing_key: null, roster_key: null });
}

/**
 * This will destroy the roster and its key, and keep the key that signs: what a phone does whose leases have ended
 * without a contact (docs/decisions/0120). It may still send, and is given its families anew.
 */
export async function wipeRoster(db: Database): Promise<void> {
  await emptyRoster(db, { roster_key: null });
}

async function emptyRoster(db: Database, gone: Partial<Vault>): Promise<void> {
  await db.transaction("rw", [db.meta, db.roster, db.drafts, db.tickets, db.portraits], async () => {
    const vault = await db.read<Vault>("vault");
    if (vault) await db.write("vault", { ...vault, ...gone });
    await db.roster.clear();
    await db.drafts.clear();
    await db.tickets.clear();
    await db.portraits.clear();
    await db.write("tickets_revision", 0);
    await db.meta.bulkDelete(["office", "bundle_kept_at_ms", "portraits_asked"]); // so that the next bundle comes whole
  });
}

/** This will give the name of a sealed row: the HMAC of what it is about. */
export async function rowName(index_key: CryptoKey, about: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.sign("HMAC", index_key, utf8(about))).slice(0, 16));
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

async function newRosterKey(pin_key: CryptoKey): Promise<Bytes> {
  const roster_key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
  return wrap(pin_key, "raw", roster_key);
}

async function open(pin_key: CryptoKey, vault: Vault): Promise<OpenVault> {
  const [signing_key, roster_key, base_key] = await Promise.all([
    openSigningKey(pin_key, vault),
    unwrapRoster(pin_key, vault, { name: "AES-GCM", length: 256 }, ["encrypt", "decrypt"]),
    unwrapRoster(pin_key, vault, { name: "HKDF" }, ["deriveKey"]),
  ]);
  const index_key = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: vault.salt, info: INDEX_INFO },
    base_key,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );
  return { signing_key, roster_key, index_key };
}

async function openSigningKey(pin_key: CryptoKey, { signing_key }: Vault): Promise<CryptoKey> {
  if (!signing_key) throw new DOMException("no key", "OperationError");
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  return crypto.subtle.unwrapKey("pkcs8", signing_key.slice(IV_BYTES), pin_key, ivOf(signing_key), algorithm, false, ["sign"]);
}

async function unwrapRoster(
  pin_key: CryptoKey,
  { roster_key }: Vault,
  algorithm: { name: string; length?: number },
  usages: KeyUsage[],
): Promise<CryptoKey> {
  if (!roster_key) throw new DOMException("no key", "OperationError");
  return crypto.subtle.unwrapKey("raw", roster_key.slice(IV_BYTES), pin_key, ivOf(roster_key), algorithm, false, usages);
}

function ivOf(wrapped: Bytes): { name: "AES-GCM"; iv: Bytes } {
  return { name: "AES-GCM", iv: wrapped.slice(0, IV_BYTES) };
}

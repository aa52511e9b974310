/**
 * The signed list of cards that are trusted no more (docs/protocols/revocation.md); the twin of
 * betang/core/card/revocation.py. A card that it does not name is only that: not named by this list, as old as it is.
 */

import type { Bytes } from "./bytes";
import { decode, NotOurCborError, type Cbor } from "./cbor";
import { CoseRefusedError, openMessage } from "./cose";
import { trusted, type Ring } from "./ring";

const ISS = 1;
const IAT = 6;
const SEQ = -1;
const SINCE = -2;
const REVOKED = -3;
const SUPERSEDED = -4;
const NUMBER_BYTES = 8;
const DAY_MS = 86_400_000;
const TIME_MAX_S = 253_402_300_799;

export class ListRefusedError extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

export interface RevocationList {
  readonly issuer: string;
  readonly seq: number;
  /** 0 for a complete list, else the number that it is a delta on. */
  readonly since: number;
  readonly issued_at_ms: number;
  readonly revoked: ReadonlySet<string>;
  readonly superseded: ReadonlySet<string>;
}

/** This will say what the list says of a card; null when it does not name it. */
export function says(list: RevocationList, card_number: string): "card.revoked" | "card.superseded" | null {
  if (list.revoked.has(card_number)) return "card.revoked";
  return list.superseded.has(card_number) ? "card.superseded" : null;
}

/** This will give the whole days since the list was signed; where the clock runs behind, 0. */
export function ageDays(list: RevocationList, now_ms: number): number {
  return daysSince(list.issued_at_ms, now_ms);
}

function daysSince(then_ms: number, now_ms: number): number {
  return Math.max(0, Math.floor((now_ms - then_ms) / DAY_MS));
}

/**
 * This will give the age of what a phone believes, of its list or its ring, whichever is older: who keeps a new ring
 * away keeps a stolen key alive. Null where there is no list.
 */
export function trustAgeDays(list: RevocationList | null, ring: Ring | null, now_ms: number): number | null {
  if (list === null || ring === null) return null;
  return Math.max(ageDays(list, now_ms), daysSince(Date.parse(ring.issued_at), now_ms));
}

/** This will verify a list; throws ListRefusedError. `issuer` null: any that our ring vouches for. */
export async function readList(data: Bytes, ring: Ring, issuer: string | null): Promise<RevocationList> {
  try {
    const { payload, key } = await openMessage(data, ring, "list");
    const list = listOf(decode(payload));
    if (issuer !== null && list.issuer !== issuer) throw new ListRefusedError("list.other_issuer");
    const still = trusted(ring, key.kid, "list", list.issued_at_ms);
    if (typeof still === "string") throw new ListRefusedError(still);
    return list;
  } catch (error) {
    if (error instanceof CoseRefusedError) {
      throw new ListRefusedError(error.code.includes(".") ? error.code : `list.${error.code}`);
    }
    if (error instanceof NotOurCborError) throw new ListRefusedError("list.malformed");
    throw error;
  }
}

/** This will give the list to hold when `list` arrives beside `held`; throws on a rollback or a gap. */
export function after(list: RevocationList, held: RevocationList | null): RevocationList {
  if (held !== null && list.seq < held.seq) throw new ListRefusedError("list.older");
  if (list.since === 0) return list;
  if (held === null || held.since !== 0 || held.seq < list.since) throw new ListRefusedError("list.gap");
  const revoked = new Set([...held.revoked, ...list.revoked]);
  const superseded = new Set([...held.superseded, ...list.superseded].filter((number) => !revoked.has(number)));
  return { ...list, since: 0, revoked, superseded };
}

function listOf(payload: Cbor): RevocationList {
  if (!(payload instanceof Map)) throw new ListRefusedError("list.malformed");
  const issuer = payload.get(ISS);
  const issued_at = payload.get(IAT);
  const seq = payload.get(SEQ);
  const since = payload.get(SINCE);
  const revoked = payload.get(REVOKED);
  const superseded = payload.get(SUPERSEDED);
  if (
    typeof issuer !== "string" ||
    typeof issued_at !== "number" ||
    typeof seq !== "number" ||
    typeof since !== "number" ||
    !(revoked instanceof Uint8Array) ||
    !(superseded instanceof Uint8Array) ||
    !(0 <= issued_at && issued_at <= TIME_MAX_S && 0 <= since && since < seq)
  ) {
    throw new ListRefusedError("list.malformed");
  }
  const issued_at_ms = issued_at * 1000;
  return { issuer, seq, since, issued_at_ms, revoked: numbers(revoked), superseded: numbers(superseded) };
}

function numbers(packed: Bytes): Set<string> {
  if (packed.length % NUMBER_BYTES !== 0) throw new ListRefusedError("list.malformed");
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const read = new Set<string>();
  for (let at = 0; at < packed.length; at += NUMBER_BYTES) read.add(String(view.getBigUint64(at)));
  return read;
}

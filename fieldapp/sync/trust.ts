/**
 * What the phone believes in: the ring of keys, and the list of revoked cards. Both come beside a bundle, and beside
 * the word that the bundle did not change. A list is kept as it was signed, a complete one and the deltas after it, and
 * verified each time that it is opened: so a list key that the ring revokes takes its lists with it.
 */

import { fromBase64Url } from "../core/bytes";
import { after, ListRefusedError, readList, type RevocationList } from "../core/revocation";
import { keptRing, openNextRing, type Ring } from "../core/ring";
import type { Database } from "../store/database";

/** After so many deltas the complete list is asked for: opening the app verifies each. */
const DELTAS_MAX = 20;

export interface TrustAnswer {
  /** The list, or a delta on the one that the phone named; null when it holds the newest. */
  readonly revocation: { seq: number; since: number; issued_at: string; list: string } | null;
  /** The signed ring; null when the phone holds it. */
  readonly ring: string | null;
  readonly ring_version: string;
}

/** This will say which list and ring the phone holds, as the end of a query; empty where it holds neither. */
export async function holdingQuery(db: Database, issuer: string | null): Promise<string> {
  const version = await db.read<string>("ring_version");
  let query = version === undefined ? "" : `&ring=${encodeURIComponent(version)}`;
  const ring = await db.read<string>("ring");
  const list = ring === undefined ? null : await heldList(db, keptRing(ring), issuer);
  const parts = (await db.read<string[]>("list_parts")) ?? [];
  if (list !== null && parts.length <= DELTAS_MAX) query += `&list=${list.seq}`;
  return query;
}

/**
 * This will keep what is newer: `kept`, `same`, or `gap` when the complete list must be asked for. A ring that the one
 * held does not vouch for, or an older one, throws SignatureError. A list that does not verify, or is older than the one
 * held, changes nothing: the phone goes on with what it has, and shows its age.
 */
export async function keepTrust(db: Database, told: TrustAnswer, issuer: string | null): Promise<"kept" | "same" | "gap"> {
  const held = await db.read<string>("ring");
  if (held === undefined) return "same";
  let ring = keptRing(held);
  if (told.ring !== null) {
    ring = await openNextRing(told.ring, ring);
    await db.write("ring", told.ring);
    await db.write("ring_version", told.ring_version);
  }
  if (told.revocation !== null) {
    const said = await keepList(db, told.revocation.list, ring, issuer);
    if (said !== "same") return said;
  }
  return told.ring === null ? "same" : "kept";
}

/** This will open the list that the phone holds; null where it holds none that verifies. */
export async function heldList(db: Database, ring: Ring, issuer: string | null): Promise<RevocationList | null> {
  let list: RevocationList | null = null;
  for (const part of (await db.read<string[]>("list_parts")) ?? []) {
    try {
      list = after(await readList(fromBase64Url(part), ring, issuer), list);
    } catch (error) {
      if (!(error instanceof ListRefusedError)) throw error; // what still verifies is what is held
    }
  }
  return list;
}

async function keepList(db: Database, text: string, ring: Ring, issuer: string | null): Promise<"kept" | "same" | "gap"> {
  try {
    const part = await readList(fromBase64Url(text), ring, issuer);
    after(part, await heldList(db, ring, issuer));
    const before = part.since === 0 ? [] : ((await db.read<string[]>("list_parts")) ?? []);
    await db.write("list_parts", [...before, text]);
    return "kept";
  } catch (error) {
    if (!(error instanceof ListRefusedError)) throw error;
    return error.code === "list.gap" ? "gap" : "same";
  }
}

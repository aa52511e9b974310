/**
 * The ticket roster (docs/protocols/tickets.md): a row a card, sealed like the families, opened one at a time when that
 * card is tapped. A page is kept whole or not at all.
 */

import { fromBase64Url, toBase64Url, type Bytes } from "../core/bytes";
import { TICKET_BYTES, type Segment } from "../core/ticket";
import type { Page } from "../core/ticket_page";
import type { Database, SealedRow } from "./database";
import { openRow, rowName, sealRow, type OpenVault } from "./vault";

export interface HeldTickets {
  readonly salt: Bytes | null;
  readonly held: readonly Segment[];
}

interface CardRow {
  parts: { first: number; tickets: string }[];
}

const SALT = "salt";
const REVISION = "tickets_revision";

/** A page of another roster than the one that is held: all must be asked for again. */
export class OtherRosterError extends Error {}

/** This will give the revision of the roster that is held; 0 where there is none. */
export async function heldRevision(db: Database): Promise<number> {
  return (await db.read<number>(REVISION)) ?? 0;
}

/** This will forget the whole roster, so that the next page begins anew. */
export async function forgetTickets(db: Database): Promise<void> {
  await db.transaction("rw", db.meta, db.tickets, async () => {
    await db.tickets.clear();
    await db.write(REVISION, 0);
  });
}

/** This will keep a page that continues what is held, or begins anew; throws OtherRosterError when it does neither. */
export async function keepPage(db: Database, vault: OpenVault, page: Page): Promise<void> {
  const { roster_key } = vault;
  const anew = page.since === 0;
  const salt = toBase64Url(page.salt);
  if (!anew && (page.since !== (await heldRevision(db)) || salt !== (await heldSalt(db, roster_key)))) {
    throw new OtherRosterError();
  }
  const rows: SealedRow[] = [{ key: SALT, sealed: await sealRow(roster_key, salt) }];
  const gone: string[] = [];
  for (const uid of new Set(page.segments.map((segment) => segment.uid))) {
    const segments = page.segments.filter((segment) => segment.uid === uid);
    const key = await rowName(vault.index_key, `tickets:${uid}`);
    const parts = await afterPage(db, uid, anew ? [] : await partsOf(db, roster_key, key), segments);
    if (parts.length === 0) gone.push(key);
    else rows.push({ key, sealed: await sealRow(roster_key, { parts } satisfies CardRow) });
  }
  await db.transaction("rw", db.meta, db.tickets, async () => {
    if (anew) await db.tickets.clear();
    await db.tickets.bulkDelete(gone);
    await db.tickets.bulkPut(rows);
    await db.write(REVISION, page.revision);
  });
}

/** This will open the tickets of one chip. */
export async function openTickets(db: Database, vault: OpenVault, uid: string): Promise<HeldTickets> {
  const { roster_key, index_key } = vault;
  const salt = await heldSalt(db, roster_key);
  const parts = await partsOf(db, roster_key, await rowName(index_key, `tickets:${uid}`));
  return {
    salt: salt === null ? null : fromBase64Url(salt),
    held: parts.map(({ first, tickets }) => ({ uid, first, tickets: fromBase64Url(tickets) })),
  };
}

/** The parts of a card after a page, in its order; those that were consumed whole are dropped. */
async function afterPage(
  db: Database,
  uid: string,
  before: CardRow["parts"],
  segments: readonly Segment[],
): Promise<CardRow["parts"]> {
  let parts = before;
  for (const { first, tickets } of segments) {
    parts = tickets.length === 0 ? [] : [...parts.filter((part) => part.first !== first), { first, tickets: toBase64Url(tickets) }];
  }
  const high = (await db.counters.get(uid))?.counter ?? 0;
  return parts.filter(({ first, tickets }) => first + fromBase64Url(tickets).length / TICKET_BYTES - 1 > high);
}

async function partsOf(db: Database, roster_key: CryptoKey, key: string): Promise<CardRow["parts"]> {
  const row = await db.tickets.get(key);
  return row ? (await openRow<CardRow>(roster_key, row.sealed)).parts : [];
}

async function heldSalt(db: Database, roster_key: CryptoKey): Promise<string | null> {
  const row = await db.tickets.get(SALT);
  return row ? openRow<string>(roster_key, row.sealed) : null;
}

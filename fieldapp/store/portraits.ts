/**
 * Portraits of the families of the roster: a row each, sealed under the roster's key and destroyed with it, opened for
 * the one family at hand.
 */

import { liveQuery } from "dexie";
import { fromBase64Url, type Bytes } from "../core/bytes";
import { portraitDigest } from "../core/portrait";
import type { Database, SealedRow } from "./database";
import { openRow, rowName, sealRow, type OpenVault } from "./vault";

export interface Portrait {
  readonly household: string;
  readonly digest: string;
  readonly webp: string;
}

/** What the last asking ended with: of which version, and how many are lacking still (null: nobody counted). */
export interface PortraitsAsked {
  readonly version: string;
  readonly left: number | null;
}

/** Of the last bundle: null where no family has a portrait. */
const NEWEST = "portraits_newest";
const ASKED = "portraits_asked";

/** This will note what the bundle said of portraits. */
export async function tellPortraits(db: Database, version: string | null): Promise<void> {
  await db.write(NEWEST, version);
}

/** This will give the version that the server has; null where there is none. */
export async function newestPortraits(db: Database): Promise<string | null> {
  return (await db.read<string | null>(NEWEST)) ?? null;
}

/** This will give what the last asking ended with. */
export async function portraitsAsked(db: Database): Promise<PortraitsAsked | null> {
  return (await db.read<PortraitsAsked | null>(ASKED)) ?? null;
}

/** This will note how the asking ended. */
export async function keepAsked(db: Database, asked: PortraitsAsked): Promise<void> {
  await db.write(ASKED, asked);
}

/** This will say whether the server has portraits that are not here: how many, null where nobody counted, 0 for none. */
export async function portraitsLacking(db: Database): Promise<number | null> {
  const [newest, asked] = await Promise.all([newestPortraits(db), portraitsAsked(db)]);
  if (newest === null) return 0;
  return asked?.version === newest ? asked.left : null;
}

/** This will give the rows' names by digest; what no key of today opens is thrown away. */
export async function heldPortraits(db: Database, vault: OpenVault): Promise<ReadonlyMap<string, string>> {
  const held = new Map<string, string>();
  for (const row of await db.portraits.toArray()) {
    try {
      held.set((await openRow<Portrait>(vault.roster_key, row.sealed)).digest, row.key);
    } catch {
      await db.portraits.delete(row.key); // of a roster that was wiped
    }
  }
  return held;
}

/** This will keep those that are what their digest says and of a family of the roster; gives how many. */
export async function keepPortraits(db: Database, vault: OpenVault, told: readonly Portrait[]): Promise<number> {
  const rows: SealedRow[] = [];
  for (const { household, digest, webp } of told) {
    if (digest !== (await digestOrNone(household, webp))) continue;
    if ((await db.roster.get(await rowName(vault.index_key, `family:${household}`))) === undefined) continue;
    const key = await portraitName(vault, household);
    rows.push({ key, sealed: await sealRow(vault.roster_key, { household, digest, webp } satisfies Portrait) });
  }
  await db.portraits.bulkPut(rows);
  return rows.length;
}

/** This will forget portraits by the names of their rows. */
export async function forgetPortraits(db: Database, names: readonly string[]): Promise<void> {
  await db.portraits.bulkDelete([...names]);
}

/** This will open the portrait of one family; null where there is none. */
export async function portraitOf(db: Database, vault: OpenVault, household: string): Promise<Bytes | null> {
  return opened(vault, await db.portraits.get(await portraitName(vault, household)));
}

/** This will tell the portrait of one family now, and again whenever one comes, is replaced or goes; the answer ends it. */
export function watchPortrait(db: Database, vault: OpenVault, household: string, told: (webp: Bytes | null) => void): () => void {
  let over = false;
  let turn: Promise<void> = Promise.resolve();
  let end = (): void => undefined;
  void portraitName(vault, household).then((name) => {
    if (over) return;
    const watched = liveQuery(() => db.portraits.get(name)).subscribe((row) => {
      turn = turn.then(async () => {
        const webp = await opened(vault, row);
        if (!over) told(webp);
      });
    });
    end = () => watched.unsubscribe();
  });
  return () => {
    over = true;
    end();
  };
}

async function opened(vault: OpenVault, row: SealedRow | undefined): Promise<Bytes | null> {
  if (row === undefined) return null;
  try {
    return fromBase64Url((await openRow<Portrait>(vault.roster_key, row.sealed)).webp);
  } catch {
    return null; // of a roster that was wiped
  }
}

/** This will give the name of a family's row. */
export function portraitName(vault: OpenVault, household: string): Promise<string> {
  return rowName(vault.index_key, `portrait:${household}`);
}

async function digestOrNone(household: string, webp: string): Promise<string | null> {
  try {
    return await portraitDigest(household, fromBase64Url(webp));
  } catch {
    return null; // no hex, no base64url
  }
}


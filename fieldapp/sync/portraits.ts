/** Fetching portraits (device.md, section 16): last of a round, page by page, and never unless the network is chosen. */

import { concat, fromHex, toBase64Url } from "../core/bytes";
import type { Database } from "../store/database";
import {
  forgetPortraits,
  heldPortraits,
  keepAsked,
  keepPortraits,
  newestPortraits,
  portraitsAsked,
  type Portrait,
} from "../store/portraits";
import type { OpenVault } from "../store/vault";
import type { Client } from "./client";

const MOST_AT_ONCE = 100;

interface Answer {
  readonly version: string | null;
  readonly portraits: readonly Portrait[];
  readonly gone: readonly string[];
  readonly left: number;
}

/**
 * This will forget what is gone, whatever the network, and fetch what is lacking where `wanted`. What came is kept, so
 * that a round which breaks off goes on behind it.
 */
export async function pullPortraits(db: Database, client: Client, vault: OpenVault, wanted: boolean): Promise<void> {
  const newest = await newestPortraits(db);
  if (newest === null) {
    await db.portraits.clear();
    return;
  }
  const asked = await portraitsAsked(db);
  if (asked?.version === newest && (!wanted || asked.left === 0)) return;
  for (;;) {
    const held = await heldPortraits(db, vault);
    if (!wanted && held.size === 0) return; // nothing to fetch, nothing to forget
    const have = toBase64Url(concat(...[...held.keys()].map(fromHex)));
    const outcome = await client.sendJson<Answer>("POST", "/api/v1/portraits", { have, most: wanted ? MOST_AT_ONCE : 0 });
    if (outcome.kind !== "answer" || !Array.isArray(outcome.body.portraits)) return; // not now, or an older server
    const { version, portraits, gone, left } = outcome.body;
    await forgetPortraits(db, gone.flatMap((digest) => held.get(digest) ?? []));
    const kept = await keepPortraits(db, vault, portraits);
    if (version !== null) await keepAsked(db, { version, left });
    if (!wanted || left === 0 || kept === 0) return;
  }
}

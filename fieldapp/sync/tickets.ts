/** Fetching tickets: page after page from where the last one ended, so that a poor network gets there too. */

import type { Bytes } from "../core/bytes";
import { PageRefusedError, readPage, type Page } from "../core/ticket_page";
import type { Database } from "../store/database";
import { forgetTickets, heldRevision, keepPage, OtherRosterError } from "../store/tickets";
import type { OpenVault } from "../store/vault";
import type { Client } from "./client";

/** This will fetch what changed, when the bundle said that something did; what came is kept, whatever comes after. */
export async function pullTickets(db: Database, client: Client, vault: OpenVault): Promise<void> {
  let newest = (await db.read<number>("tickets_newest")) ?? 0;
  for (let pages = 0; ; pages++) {
    const held = await heldRevision(db);
    if (held === newest) return;
    const page = await ask(client, held);
    if (page === null || (pages > 0 && page.revision <= held)) return; // a server that goes on offering the same
    try {
      await keepPage(db, vault, page);
    } catch (error) {
      if (!(error instanceof OtherRosterError)) throw error;
      if (pages > 0) return;
      await forgetTickets(db); // the next page begins anew
    }
    newest = page.newest;
  }
}

async function ask(client: Client, held: number): Promise<Page | null> {
  const outcome = await client.send<Bytes>("GET", "/api/v1/tickets", { query: `?since=${held}`, bytes: true });
  if (outcome.kind !== "answer") return null;
  try {
    return readPage(outcome.body);
  } catch (error) {
    if (error instanceof PageRefusedError) return null; // not our server: a portal or a proxy's page
    throw error;
  }
}

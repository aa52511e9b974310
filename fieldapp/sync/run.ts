/** One round of synchronisation: ask, send, fetch. What it finds is written; the screens read what is written. */

import { SignatureError } from "../core/jws";
import { exclusively } from "../store/locks";
import { unsentCount } from "../store/queue";
import type { Database, DeviceState, Identity } from "../store/database";
import { wipe, type OpenVault } from "../store/vault";
import { pushBlobs } from "./blobs";
import { Client } from "./client";
import { fetched, pullBundle, pullDecisions, pullState, type BundleResult, type Fetched } from "./pull";
import { pullPortraits } from "./portraits";
import { push } from "./push";
import { pullTickets } from "./tickets";

export interface RoundResult {
  readonly online: boolean;
  readonly state: DeviceState;
  readonly roster_changed: boolean;
  /** Something the person should read, or null. */
  readonly sentence: string | null;
  readonly server_ms: number | null;
  /** The office had the families' data destroyed; what is unsent is here still. */
  readonly wiped: boolean;
}

const NOT_VOUCHED_FOR = "Kunci yang dikirim server tidak dijamin oleh kunci di HP ini. Data lama tetap dipakai. Hubungi admin.";

export interface How {
  /** Ends the round: the phone was locked. */
  readonly closed: AbortSignal | null;
  /** The browser keeps what is stored here: without that promise no family and no lease comes (docs/decisions/0121). */
  readonly storage_kept: boolean;
  /** Photos of families may come over this network (docs/decisions/0124). */
  readonly pictures: boolean;
}

/** This will synchronise once; two tabs or two timers at once make one round. */
export async function synchronise(
  db: Database,
  identity: Identity,
  vault: OpenVault,
  now_ms: number,
  how: How,
): Promise<RoundResult> {
  return exclusively("betang-sync", () => round(db, identity, vault, now_ms, how));
}

async function round(db: Database, identity: Identity, vault: OpenVault, now_ms: number, how: How): Promise<RoundResult> {
  const client = new Client(identity.origin, vault.signing_key, identity.jwk, how.closed);
  const pong = await client.ping();
  const result = { online: pong !== null, roster_changed: false, sentence: null, server_ms: pong?.server_ms ?? null, wiped: false };
  if (pong === null) return { ...result, state: identity.state };
  const sent = await push(db, client);
  if (sent.kind === "stopped" && sent.sentence === null) return { ...result, online: false, state: identity.state };
  await pushBlobs(db, client);
  let got = await fetchBundle(db, client, vault, now_ms, how);
  let state = await stateAfter(client, got.result, identity.state);
  if (state === "active" && got.result === "not_confirmed") {
    // confirmed between the two questions: the bundle is there now
    got = await fetchBundle(db, client, vault, now_ms, how);
    state = await stateAfter(client, got.result, state);
  }
  if (got.result !== "revoked") await pullDecisions(db, client, got.newest_decision);
  if (state !== identity.state) await db.write("identity", { ...identity, state });
  const wiped = state === "revoked" || got.result === "wipe";
  if (wiped) await wipeAndTell(db, client);
  else if (state === "active" && got.result !== "not_kept") {
    await pullTickets(db, client, vault);
    if (got.result === "new" || got.result === "unchanged") await pullPortraits(db, client, vault, how.pictures);
  }
  const sentence = sent.kind === "stopped" ? sent.sentence : got.sentence;
  return { ...result, state, roster_changed: got.result === "new", sentence, wiped };
}

/** Everything unsent was offered before; the key that tells is in memory only, so it is told now or never. */
async function wipeAndTell(db: Database, client: Client): Promise<void> {
  await wipe(db);
  await client.sendJson("POST", "/api/v1/device/wiped", { unsent: await unsentCount(db) });
}

async function fetchBundle(db: Database, client: Client, vault: OpenVault, now_ms: number, how: How): Promise<Fetched> {
  if (!how.storage_kept && (await db.read("office")) === undefined) return fetched("not_kept");
  try {
    return await pullBundle(db, client, vault, now_ms);
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    return fetched("not_vouched_for", null, NOT_VOUCHED_FOR);
  }
}

async function stateAfter(client: Client, got: BundleResult, before: DeviceState): Promise<DeviceState> {
  if (got === "new" || got === "unchanged") return "active";
  if (got === "revoked") return "revoked";
  return (await pullState(client)) ?? before;
}

/** Fetching: decisions about what was sent, and the bundle of families, leases and the list. */

import type { Report } from "../core/dpop";
import type { Database, Decision, DeviceState } from "../store/database";
import { tellPortraits } from "../store/portraits";
import { keepNumbers, numbersQuery, type NumbersAnswer } from "../store/registration";
import { complete, keepBundle, KEPT_SECTIONS, type Bundle, type Office, type PartialBundle } from "../store/roster";
import type { OpenVault } from "../store/vault";
import type { Client, Outcome } from "./client";
import { reportOf } from "./report";
import { holdingQuery, keepTrust, type TrustAnswer } from "./trust";

interface DecisionsAnswer {
  /** Without a digest: no place in this phone's chain was taken twice, so `seq` says which record. */
  decisions: (Omit<Decision, "event_sha256"> & { event_sha256?: string })[];
  more: boolean;
}

/**
 * This will fetch the decisions that are not here yet; false when the server could not be asked. `newest` is what the
 * server just said of them: where it is held already, nothing is asked, for a round trip on 2G is a second.
 */
export async function pullDecisions(db: Database, client: Client, newest: number | null = null): Promise<boolean> {
  if (newest !== null && newest <= ((await db.decisions.orderBy("number").last())?.number ?? 0)) return true;
  for (;;) {
    const after = (await db.decisions.orderBy("number").last())?.number ?? 0;
    const outcome = await client.send<DecisionsAnswer>("GET", "/api/v1/decisions", { query: `?after=${after}&brief=1` });
    if (outcome.kind !== "answer") return false;
    const { decisions, more } = outcome.body;
    const own = await db.queue.bulkGet(decisions.map(({ seq }) => seq));
    await db.decisions.bulkPut(
      decisions.map((told, place) => ({
        number: told.number,
        seq: told.seq,
        event_sha256: told.event_sha256 ?? own[place]?.payload_sha256 ?? "",
        outcome: told.outcome,
        code: told.code,
        sentence: told.sentence,
        do: told.do,
        at: told.at,
      })),
    );
    if (!more || decisions.length === 0) return true;
  }
}

export type BundleResult =
  | "new"
  | "unchanged"
  | "unreachable"
  | "not_confirmed"
  | "revoked"
  | "wipe"
  | "stopped"
  /** Not asked for: the browser does not promise to keep it. */
  | "not_kept"
  /** The ring in it does not follow from the one held: nothing of it was kept. */
  | "not_vouched_for";

export interface Fetched {
  readonly result: BundleResult;
  /** What the server said instead of giving it, where the person can do something about it. */
  readonly sentence: string | null;
  /** The number of this device's newest decision, as the answer says it; null when it does not. */
  readonly newest_decision: number | null;
}

/** This will fetch what changed of bundle, ring and list; the ring must follow from the ring that is held. */
export async function pullBundle(db: Database, client: Client, vault: OpenVault, now_ms: number): Promise<Fetched> {
  const report = await reportOf(db, now_ms);
  const office = await db.read<Office>("office");
  let outcome = await askBundle(db, client, office, report, true);
  let trust = outcome.kind === "answer" ? await keepTrust(db, outcome.body, issuerIn(outcome.body, office)) : null;
  if (trust === "gap") {
    outcome = await askBundle(db, client, office, report, false);
    trust = outcome.kind === "answer" ? await keepTrust(db, outcome.body, issuerIn(outcome.body, office)) : null;
  }
  if (outcome.kind === "unreachable") return fetched("unreachable");
  if (outcome.kind === "refusal") return whyNot(outcome);
  const newest = outcome.body.newest_decision ?? null;
  await db.write("tickets_newest", outcome.body.tickets ?? 0);
  await tellPortraits(db, outcome.body.portraits ?? null);
  await keepNumbers(db, outcome.body);
  if (outcome.body.unchanged) {
    await db.write("bundle_kept_at_ms", now_ms);
    // the same families and leases, asked for later: what the server decided before is in them
    if (office !== undefined) await db.write("office", { ...office, at: outcome.body.at });
    return fetched(trust === "kept" ? "new" : "unchanged", newest);
  }
  if ((await db.read<string>("ring")) === undefined) return fetched("stopped", newest);
  const bundle = await completed(db, client, vault, report, outcome.body);
  if (bundle === null) return fetched("unreachable");
  await keepBundle(db, vault, bundle, now_ms);
  return fetched("new", newest);
}

function whyNot({ code, sentence, do: advice }: { code: string; sentence: string; do: string }): Fetched {
  if (code === "device.not_confirmed") return fetched("not_confirmed");
  if (code === "device.wipe_ordered") return fetched("wipe");
  if (code === "device.revoked" || code === "proof.unknown_device") return fetched("revoked");
  return fetched("stopped", null, code === "device.too_old" ? `${sentence} ${advice}` : null);
}

type BundleAnswer = PartialBundle & TrustAnswer & NumbersAnswer & { unchanged: boolean; tickets?: number; portraits?: string | null; newest_decision?: number };

/** This will say what came of asking. */
export function fetched(result: BundleResult, newest_decision: number | null = null, sentence: string | null = null): Fetched {
  return { result, sentence, newest_decision };
}

/** This will give the whole bundle; where what is held cannot be read any more, everything is asked for anew. */
async function completed(db: Database, client: Client, vault: OpenVault, report: Report, told: BundleAnswer): Promise<Bundle | null> {
  try {
    return await complete(db, vault.roster_key, told);
  } catch {
    const outcome = await askBundle(db, client, undefined, report, true);
    return outcome.kind === "answer" ? complete(db, vault.roster_key, outcome.body) : null;
  }
}

/** This will ask for the bundle; without `holding` the answer brings ring and list whole. */
async function askBundle(
  db: Database,
  client: Client,
  office: Office | undefined,
  report: Report,
  holding: boolean,
): Promise<Outcome<BundleAnswer>> {
  const held = holding ? await holdingQuery(db, office?.issuer ?? null) : "";
  const keep = office === undefined ? "" : `&keep=${KEPT_SECTIONS.join(",")}`;
  const query = `?since=${encodeURIComponent(office?.version ?? "")}${keep}${held}${await numbersQuery(db)}`;
  return client.send<BundleAnswer>("GET", "/api/v1/bundle", { query, report });
}

function issuerIn(told: { issuer?: string }, office: Office | undefined): string | null {
  return told.issuer ?? office?.issuer ?? null;
}

/** This will ask where the device stands; null when the server could not be asked. */
export async function pullState(client: Client): Promise<DeviceState | null> {
  const outcome = await client.send<{ device: { state: DeviceState } }>("GET", "/api/v1/device");
  if (outcome.kind === "answer") return outcome.body.device.state;
  return outcome.kind === "refusal" && outcome.code === "proof.unknown_device" ? "revoked" : null;
}

/** Fetching: decisions about what was sent, and the bundle of families, leases and the list. */

import type { Report } from "../core/dpop";
import type { Database, Decision, DeviceState } from "../store/database";
import { keepNumbers, numbersQuery, type NumbersAnswer } from "../store/registration";
import { keepBundle, type Bundle, type Office } from "../store/roster";
import type { OpenVault } from "../store/vault";
import type { Client, Outcome } from "./client";
import { reportOf } from "./report";
import { holdingQuery, keepTrust, type TrustAnswer } from "./trust";

interface DecisionsAnswer {
  decisions: (Decision & { event: string; event_sha256: string })[];
  more: boolean;
}

/** This will fetch the decisions that are not here yet; false when the server could not be asked. */
export async function pullDecisions(db: Database, client: Client): Promise<boolean> {
  for (;;) {
    const after = (await db.decisions.orderBy("number").last())?.number ?? 0;
    const outcome = await client.send<DecisionsAnswer>("GET", "/api/v1/decisions", { query: `?after=${after}` });
    if (outcome.kind !== "answer") return false;
    const { decisions, more } = outcome.body;
    await db.decisions.bulkPut(
      decisions.map((told) => ({
        number: told.number,
        seq: told.seq,
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

export type BundleResult = "new" | "unchanged" | "unreachable" | "not_confirmed" | "revoked" | "wipe" | "stopped";

export interface Fetched {
  readonly result: BundleResult;
  /** What the server said instead of giving it, where the person can do something about it. */
  readonly sentence: string | null;
}

/** This will fetch what changed of bundle, ring and list; the ring must follow from the ring that is held. */
export async function pullBundle(db: Database, client: Client, vault: OpenVault, now_ms: number): Promise<Fetched> {
  let sentence: string | null = null;
  const result = await pull(db, client, vault, now_ms, (said) => (sentence = said));
  return { result, sentence };
}

async function pull(
  db: Database,
  client: Client,
  vault: OpenVault,
  now_ms: number,
  say: (sentence: string) => void,
): Promise<BundleResult> {
  const report = await reportOf(db, now_ms);
  const office = await db.read<Office>("office");
  let outcome = await askBundle(db, client, office, report, true);
  let trust = outcome.kind === "answer" ? await keepTrust(db, outcome.body, issuerIn(outcome.body, office)) : null;
  if (trust === "gap") {
    outcome = await askBundle(db, client, office, report, false);
    trust = outcome.kind === "answer" ? await keepTrust(db, outcome.body, issuerIn(outcome.body, office)) : null;
  }
  if (outcome.kind === "unreachable") return "unreachable";
  if (outcome.kind === "refusal") {
    if (outcome.code === "device.not_confirmed") return "not_confirmed";
    if (outcome.code === "device.wipe_ordered") return "wipe";
    if (outcome.code === "device.too_old") say(`${outcome.sentence} ${outcome.do}`);
    return outcome.code === "device.revoked" || outcome.code === "proof.unknown_device" ? "revoked" : "stopped";
  }
  await db.write("tickets_newest", outcome.body.tickets ?? 0);
  await keepNumbers(db, outcome.body);
  if (outcome.body.unchanged) {
    await db.write("bundle_kept_at_ms", now_ms);
    // the same families and leases, asked for later: what the server decided before is in them
    if (office !== undefined) await db.write("office", { ...office, at: outcome.body.at });
    return trust === "kept" ? "new" : "unchanged";
  }
  if ((await db.read<string>("ring")) === undefined) return "stopped";
  await keepBundle(db, vault.roster_key, outcome.body, now_ms);
  return "new";
}

type BundleAnswer = Bundle & TrustAnswer & NumbersAnswer & { unchanged: boolean; tickets?: number };

/** This will ask for the bundle; without `holding` the answer brings ring and list whole. */
async function askBundle(
  db: Database,
  client: Client,
  office: Office | undefined,
  report: Report,
  holding: boolean,
): Promise<Outcome<BundleAnswer>> {
  const held = holding ? await holdingQuery(db, office?.issuer ?? null) : "";
  const query = `?since=${encodeURIComponent(office?.version ?? "")}${held}${await numbersQuery(db)}`;
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

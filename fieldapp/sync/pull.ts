/** Fetching: decisions about what was sent, and the bundle of families, leases and the list. */

import { keptRing, openNextRing } from "../core/ring";
import type { Database, Decision, DeviceState } from "../store/database";
import { keepBundle, type Bundle, type Office } from "../store/roster";
import type { OpenVault } from "../store/vault";
import type { Client } from "./client";

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

export type BundleResult = "new" | "unchanged" | "unreachable" | "not_confirmed" | "revoked" | "stopped";

/** This will fetch the bundle when it changed; its ring must follow from the ring that is held. */
export async function pullBundle(
  db: Database,
  client: Client,
  vault: OpenVault,
  now_ms: number,
): Promise<BundleResult> {
  const office = await db.read<Office>("office");
  const query = office ? `?since=${encodeURIComponent(office.version)}` : "";
  const outcome = await client.send<Bundle & { unchanged: boolean; tickets?: number }>("GET", "/api/v1/bundle", { query });
  if (outcome.kind === "unreachable") return "unreachable";
  if (outcome.kind === "refusal") {
    if (outcome.code === "device.not_confirmed") return "not_confirmed";
    return outcome.code === "device.revoked" || outcome.code === "proof.unknown_device" ? "revoked" : "stopped";
  }
  await db.write("tickets_newest", outcome.body.tickets ?? 0);
  if (outcome.body.unchanged) {
    await db.write("bundle_kept_at_ms", now_ms);
    return "unchanged";
  }
  const held = await db.read<string>("ring");
  if (held === undefined) return "stopped";
  await openNextRing(outcome.body.ring, keptRing(held)); // throws when it is not of our server
  await keepBundle(db, vault.roster_key, outcome.body, now_ms);
  return "new";
}

/** This will ask where the device stands; null when the server could not be asked. */
export async function pullState(client: Client): Promise<DeviceState | null> {
  const outcome = await client.send<{ device: { state: DeviceState } }>("GET", "/api/v1/device");
  if (outcome.kind === "answer") return outcome.body.device.state;
  return outcome.kind === "refusal" && outcome.code === "proof.unknown_device" ? "revoked" : null;
}

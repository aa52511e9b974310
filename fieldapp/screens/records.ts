/** What is said of a record: where it stands, in words and with a sign, from what the server answered and decided. */

import { liveQuery } from "dexie";
import type { Database, Decision, QueuedEvent } from "../store/database";
import { dataOf } from "./receipt";
import { DWELLINGS, VISIT_OUTCOMES } from "./wording";

export type Standing = "kept" | "held" | "received" | "accepted" | "contested" | "waiting" | "refused";

export const STANDINGS: Readonly<Record<Standing, { name: string; hint: string }>> = {
  kept: { name: "Di HP ini", hint: "Dikirim sendiri begitu ada sinyal." },
  held: { name: "Menunggu urutan", hint: "Server menunggu catatan sebelumnya. Kirim sekali lagi." },
  received: { name: "Diterima server", hint: "Menunggu keputusan server." },
  accepted: { name: "Disahkan", hint: "Catatan ini sah dan dihitung." },
  contested: { name: "Dipersoalkan", hint: "Disimpan, tidak dihitung. Penyelia memeriksa." },
  waiting: { name: "Menunggu penyelia", hint: "Penyelia akan memutuskan." },
  refused: { name: "Ditolak", hint: "Catatan tetap tersimpan di HP ini. Kirim sekali lagi, atau hubungi penyelia." },
};

/** This will say where a record stands. */
export function standingOf(row: QueuedEvent, decision: Decision | undefined): Standing {
  if (row.state === "kept" || row.state === "held") return row.state;
  if (row.state === "refused") return "refused";
  if (row.state === "fork") return "waiting";
  if (decision === undefined) return "received";
  return decision.outcome === "parked" ? "waiting" : decision.outcome;
}

/** This will give the newest decision about each of `rows`, by the digest of the record that it decides. */
export async function decisionsOf(db: Database, rows: readonly QueuedEvent[]): Promise<ReadonlyMap<string, Decision>> {
  const about = rows.map((row) => row.payload_sha256);
  const told = await db.decisions.where("event_sha256").anyOf(about).sortBy("number");
  return new Map(told.map((decision) => [decision.event_sha256, decision]));
}

/** A record and what was decided about it. */
export interface Recorded {
  readonly row: QueuedEvent;
  readonly decision: Decision | undefined;
}

/** This will tell `heard` the records that `read` finds, now and whenever one of them changes; the answer ends it. */
export function watchRecords(
  db: Database,
  read: (queue: Database["queue"]) => Promise<QueuedEvent[]>,
  heard: (records: readonly Recorded[]) => void,
): () => void {
  const watched = liveQuery(async () => {
    const rows = await read(db.queue);
    const decisions = await decisionsOf(db, rows);
    return rows.map((row) => ({ row, decision: decisions.get(row.payload_sha256) }));
  }).subscribe(heard);
  return () => watched.unsubscribe();
}

/** This will say what a visit found or how a family lives: the only answers that the phone itself can still read. */
export function toldOf(row: QueuedEvent): string {
  if (row.type !== "household.verified" && row.type !== "household.geotagged") return "";
  const { outcome, dwelling } = dataOf(row);
  return [...VISIT_OUTCOMES, ...DWELLINGS].find(({ code }) => code === (outcome ?? dwelling))?.name ?? "";
}

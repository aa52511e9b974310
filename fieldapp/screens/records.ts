/** What is said of a record: where it stands, in words and with a sign, from what the server answered and decided. */

import type { Database, Decision, QueuedEvent } from "../store/database";

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

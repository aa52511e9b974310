/** Without a network for weeks: everything unsent into one sealed file, and the answer back from another file. */

import { readAcknowledgement, writeExport } from "../core/courier";
import type { Bytes } from "../core/bytes";
import type { Ring, RingKey } from "../core/ring";
import type { Database } from "../store/database";
import { bodyOf, nextBatch, STATE_OF } from "./push";

/** This will seal what the server has not acknowledged; null when there is nothing. Nothing is marked or deleted. */
export async function exportUnsent(db: Database, seal_key: RingKey, dev: string, now_ms: number): Promise<string | null> {
  const bodies: object[] = [];
  let from = 0;
  for (;;) {
    const batch = await nextBatch(db, from, ["kept", "held", "refused"]);
    const last = batch.at(-1);
    if (last === undefined) break;
    bodies.push(await bodyOf(db, batch));
    from = last.seq;
  }
  return bodies.length === 0 ? null : writeExport(seal_key, dev, now_ms, bodies);
}

export interface Acknowledged {
  readonly records: number;
  readonly photos: number;
}

/**
 * This will mark exactly the records that a signed acknowledgement names, by place and content, and delete the photos
 * that it says are whole on the server; gives how many of each.
 */
export async function acknowledge(db: Database, file: Bytes, ring: Ring, dev: string): Promise<Acknowledged> {
  const told = await readAcknowledgement(file, ring, dev);
  let [records, photos] = [0, 0];
  await db.transaction("rw", db.queue, db.blobs, async () => {
    for (const { seq, sha256, answer, code } of told.answers) {
      const row = await db.queue.get(seq);
      // received before, or another record at this place: a restored phone must not believe for its twin
      if (row === undefined || row.payload_sha256 !== sha256 || row.state === "received" || row.state === "fork") continue;
      const state = STATE_OF[answer];
      await db.queue.update(seq, code === undefined ? { state } : { state, code });
      if (state === "received") records += 1;
    }
    photos = await db.blobs.where("sha256").anyOf(told.photos).delete();
  });
  return { records, photos };
}

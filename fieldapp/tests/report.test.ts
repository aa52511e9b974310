/** What the phone tells of itself: what is unsent and how old what it believes is; never a name. */

import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Database, type QueuedEvent, type RecordState } from "../store/database";
import { APP_VERSION } from "../device/version";
import { reportOf } from "../sync/report";

const NOW_MS = Date.parse("2026-11-12T05:00:00.000Z");
let db: Database;
let serial = 0;

function row(seq: number, at: string, state: RecordState): QueuedEvent {
  return { seq, id: `id-${seq}`, type: "benefit.delivered", at, jws: "", payload_sha256: "", subjects: [], state };
}

beforeEach(() => {
  vi.stubGlobal("navigator", { getBattery: () => Promise.resolve({ level: 0.805 }) });
  db = new Database(`report-${serial++}`);
});

describe("a report", () => {
  it("of a new phone says its version and that nothing is unsent, and no age of what it has not", async () => {
    expect(await reportOf(db, NOW_MS)).toEqual({ app: APP_VERSION, kind: "phone", unsent: 0, battery: 81 });
  });

  it("counts what no answer named, also what was refused, and gives the age of the oldest", async () => {
    await db.queue.bulkAdd([
      row(1, "2026-11-10T05:00:00.000Z", "received"),
      row(2, "2026-11-11T05:00:00.000Z", "refused"),
      row(3, "2026-11-12T04:00:00.000Z", "held"),
      row(4, "2026-11-12T04:30:00.000Z", "kept"),
    ]);

    expect(await reportOf(db, NOW_MS)).toMatchObject({ unsent: 3, oldest_s: 86_400 });
  });

  it("is of no negative age when the clock was turned back", async () => {
    await db.queue.add(row(1, "2026-11-13T05:00:00.000Z", "kept"));
    await db.write("bundle_kept_at_ms", NOW_MS + 1000);

    expect(await reportOf(db, NOW_MS)).toMatchObject({ oldest_s: 0, roster_s: 0 });
  });
});

/**
 * The outbox under a network that loses, repeats, reorders and forgets: seeded days against a server that keeps the
 * protocol. Nothing is marked that no answer named, what is marked is really there, and nothing that waits is lost.
 */

import "fake-indexeddb/auto";
import { describe, expect, it } from "vitest";
import { fromUtf8 } from "../core/bytes";
import { readJws } from "../core/jws";
import { Database, type RecordState } from "../store/database";
import { record, type Signer } from "../store/queue";
import { pushBlobs } from "../sync/blobs";
import type { Client, Outcome } from "../sync/client";
import { push } from "../sync/push";
import { giveWebLocks } from "./web_locks";
import { newSigner } from "./signing";

giveWebLocks();

/** mulberry32: a seed gives the same day everywhere. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

type Line = { n: number; seq: number; answer: string; expected_seq?: number };

/** What a server keeps, and a network in between that may spoil each call. */
class Server {
  readonly kept = new Map<number, string>();
  readonly named = new Set<number>();
  readonly blobs = new Map<string, number>();
  forked = false;

  constructor(private readonly roll: () => number) {}

  async sendJson(_method: string, _path: string, body: { events: { jws: string }[] }): Promise<Outcome<unknown>> {
    if (this.roll() < 0.2) return { kind: "unreachable" };
    const reached = this.roll() < 0.1 ? body.events.slice(1) : body.events;
    const lines: Line[] = reached.map(({ jws }) => this.take(jws, body.events.findIndex((one) => one.jws === jws)));
    if (this.roll() < 0.25) return { kind: "unreachable" }; // heard and kept; the answer was lost
    if (this.roll() < 0.3) lines.reverse();
    if (this.roll() < 0.2) lines.pop();
    if (this.roll() < 0.2 && lines[0] !== undefined) lines.push({ ...lines[0], seq: lines[0].seq + 1000 }); // another's
    for (const { seq, answer } of lines) if (answer === "stored" || answer === "again") this.named.add(seq);
    return { kind: "answer", status: 200, body: { answers: lines, expected_seq: this.next(), state: "active" }, headers: new Headers() };
  }

  async send(method: string, path: string, how: { body?: Uint8Array; headers?: Record<string, string> } = {}): Promise<Outcome<unknown>> {
    const name = path.split("/").at(-1)!;
    if (this.roll() < 0.2) return { kind: "unreachable" };
    if (method === "PATCH") {
      const offset = Number(how.headers?.["Upload-Offset"]);
      if (offset === (this.blobs.get(name) ?? 0)) this.blobs.set(name, offset + how.body!.length);
      if (this.roll() < 0.2) return { kind: "unreachable" };
    }
    const reached = this.blobs.get(name);
    if (reached === undefined) return { kind: "refusal", status: 404, code: "blob.unknown", sentence: "", do: "" };
    const whole = reached >= PHOTO + 28 && this.roll() < 0.7; // it may still be checking
    const headers = new Headers({ "Upload-Offset": String(reached), "Upload-Complete": whole ? "?1" : "?0" });
    if (whole) this.complete.add(name);
    return { kind: "answer", status: 200, body: {}, headers };
  }

  readonly complete = new Set<string>();

  private next(): number {
    let seq = 1;
    while (this.kept.has(seq)) seq++;
    return seq;
  }

  private take(jws: string, n: number): Line {
    const { seq } = JSON.parse(fromUtf8(readJws(jws, "betang-event+jws").payload)) as { seq: number };
    const before = this.kept.get(seq);
    if (before !== undefined && before !== jws) this.forked = true;
    if (before !== undefined) return { n, seq, answer: before === jws ? "again" : "fork" };
    this.kept.set(seq, jws);
    const expected_seq = this.next();
    return expected_seq > seq ? { n, seq, answer: "stored" } : { n, seq, answer: "held", expected_seq };
  }
}

const PHOTO = 200_000;

async function phone(): Promise<{ db: Database; signer: Signer }> {
  return { db: new Database(`any-${Math.random()}`), signer: await newSigner() };
}

async function happen(db: Database, signer: Signer, photo: boolean): Promise<void> {
  const photos = photo ? [new Uint8Array(PHOTO)] : [];
  const personal = { note: "Ibu Ratna sakit" };
  await record(db, signer, { type: "problem.reported", at_ms: 0, mono_ms: 0, lease: null, data: {}, personal, photos, subjects: [] });
}

async function states(db: Database): Promise<Map<number, RecordState>> {
  return new Map((await db.queue.toArray()).map((row) => [row.seq, row.state]));
}

describe("an outbox, whatever the network does", () => {
  it.each(Array.from({ length: 25 }, (_, seed) => seed))("of day %i marks and forgets nothing too early", async (seed) => {
    const roll = dice(seed + 1);
    const { db, signer } = await phone();
    const server = new Server(roll);
    const client = server as unknown as Client;
    await db.drafts.put({ key: "deliver", sealed: new Uint8Array([1]) });
    let events = 0;
    let photos = new Set<string>();

    for (let step = 0; step < 12; step++) {
      if (roll() < 0.6) {
        await happen(db, signer, roll() < 0.2);
        events++;
      }
      photos = new Set([...photos, ...(await db.blobs.toCollection().primaryKeys())]);
      await push(db, client);
      await pushBlobs(db, client);

      const rows = await states(db);
      expect(rows.size).toBe(events); // a record is never deleted
      for (const [seq, state] of rows) if (state === "received") expect(server.named.has(seq)).toBe(true);
      const left = new Set(await db.blobs.toCollection().primaryKeys());
      for (const name of photos) if (!left.has(name)) expect(server.complete.has(name)).toBe(true);
      expect(await db.drafts.count()).toBe(1);
    }
    expect(server.forked).toBe(false); // the same place was never signed twice

    for (let round = 0; round < 60 && [...(await states(db)).values()].some((state) => state !== "received"); round++) await push(db, client);
    expect(new Set((await states(db)).values())).toEqual(new Set(events > 0 ? ["received"] : []));
  });

  it("stops at a copy of itself, and neither loses a record", async () => {
    const { db, signer } = await phone();
    const server = new Server(() => 0.99);
    const copy = await phone();
    for (const own of [db, copy.db]) {
      await happen(own, signer, false);
      await push(own, server as unknown as Client);
    }

    expect([...(await states(db)).values()]).toEqual(["received"]);
    expect([...(await states(copy.db)).values()]).toEqual(["fork"]);
  });
});

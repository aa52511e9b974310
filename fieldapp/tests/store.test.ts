/** What the phone keeps: the vault, the chain, and sending with a network that fails. On a real IndexedDB in memory. */

import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { fromUtf8, toBase64Url, utf8 } from "../core/bytes";
import { newKeyPair } from "../core/es256";
import { readJws } from "../core/jws";
import { newBatchKey, type BatchKey } from "../core/seal";
import { Database } from "../store/database";
import { offerAgain, record, unsentCount, type Happening, type Signer } from "../store/queue";
import { createVault, openRow, sealRow, unlock, WRONG_PINS_MAX } from "../store/vault";
import type { Client, Outcome } from "../sync/client";
import { decisionsOf } from "../screens/records";
import { pullDecisions } from "../sync/pull";
import { push } from "../sync/push";
import { giveWebLocks } from "./web_locks";
import { newSealKey } from "./signing";

giveWebLocks();

let db: Database;
let signer: Signer;

function happening(facts: Partial<Happening> = {}): Happening {
  const now = Date.parse("2026-11-12T05:00:00.000Z");
  return { type: "household.verified", at_ms: now, mono_ms: 0, lease: null, data: { outcome: "found" }, subjects: ["h"], ...facts };
}

beforeEach(async () => {
  db = new Database(`betang-${Math.random()}`);
  const pair = await newKeyPair();
  const seal_key = await newSealKey();
  const batch: BatchKey = await newBatchKey(seal_key);
  signer = { dev: "7K3M9QXA", key: pair.privateKey, batch: { ...batch, id: "b1" }, seal_key };
});

describe("the vault", () => {
  it("opens with the PIN only, and its signing key cannot be taken out", async () => {
    const pair = await newKeyPair();
    await createVault(db, "271828", pair.privateKey);

    const wrong = await unlock(db, "271829", 0);
    const right = await unlock(db, "271828", 0);

    expect(wrong).toEqual({ kind: "wrong", tries_left: WRONG_PINS_MAX - 1, wait_ms: 0 });
    expect(right.kind).toBe("open");
    if (right.kind === "open") {
      expect(right.vault.signing_key.extractable).toBe(false);
      const sealed = await sealRow(right.vault.roster_key, { name: "Sumiati" });
      expect(new TextDecoder().decode(sealed)).not.toContain("Sumiati");
      expect(await openRow(right.vault.roster_key, sealed)).toEqual({ name: "Sumiati" });
    }
  });

  it("makes the fifth wrong PIN wait, and the tenth destroys the keys and the roster, not the records", async () => {
    const pair = await newKeyPair();
    const vault = await createVault(db, "271828", pair.privateKey);
    await db.roster.put({ key: "a", sealed: await sealRow(vault.roster_key, {}) });
    await record(db, signer, happening());
    let now = 0;

    for (let wrong = 1; wrong < WRONG_PINS_MAX; wrong++) {
      const result = await unlock(db, "000001", now);
      expect(result.kind).toBe("wrong");
      if (result.kind === "wrong" && wrong >= 5) {
        expect(result.wait_ms).toBe(30_000 * 2 ** (wrong - 5));
        expect((await unlock(db, "271828", now)).kind).toBe("wait");
        now += result.wait_ms;
      }
    }
    const last = await unlock(db, "000001", now);

    expect(last.kind).toBe("wiped");
    expect((await unlock(db, "271828", now)).kind).toBe("wiped");
    expect(await db.roster.count()).toBe(0);
    expect(await unsentCount(db)).toBe(1);
  }, 30_000);
});

describe("the outbox", () => {
  it("makes one chain of records that are written at the same time", async () => {
    await Promise.all([1, 2, 3, 4, 5].map((n) => record(db, signer, happening({ data: { n } }))));

    const rows = await db.queue.orderBy("seq").toArray();
    const payloads = rows.map((row) => JSON.parse(fromUtf8(readJws(row.jws, "betang-event+jws").payload)) as { prev: string });
    expect(rows.map((row) => row.seq)).toEqual([1, 2, 3, 4, 5]);
    for (const [place, payload] of payloads.entries()) {
      expect(payload.prev).toBe(place === 0 ? "0".repeat(64) : rows[place - 1]?.payload_sha256);
    }
  });

  it("keeps names and reasons out of the signed payload and unreadable in the store", async () => {
    const row = await record(db, signer, happening({ personal: { note: "Ibu Ratna sakit", empty: "" } }));

    const payload = fromUtf8(readJws(row.jws, "betang-event+jws").payload);
    expect(payload).not.toContain("Ratna");
    expect(payload).toContain(row.attachment?.sha256);
    expect(JSON.stringify(await db.queue.toArray())).not.toContain(toBase64Url(utf8("Ratna")).slice(0, 6));
  });
});

/** A server that answers as the test says, and remembers what it was asked. */
class Answering {
  readonly asked: { events: { jws: string }[]; batch_key?: unknown }[] = [];

  constructor(private readonly answer: (seqs: number[], call: number) => Outcome<unknown>) {}

  async sendJson(_method: string, _path: string, body: { events: { jws: string }[] }): Promise<Outcome<unknown>> {
    this.asked.push(body);
    const seqs = body.events.map(({ jws }) => (JSON.parse(fromUtf8(readJws(jws, "betang-event+jws").payload)) as { seq: number }).seq);
    return this.answer(seqs, this.asked.length);
  }

  get client(): Client {
    return this as unknown as Client;
  }
}

function told(answers: object[]): Outcome<unknown> {
  return { kind: "answer", status: 200, body: { answers, expected_seq: 0, state: "active" }, headers: new Headers() };
}

describe("sending", () => {
  it("marks nothing when the answer is lost, and sends the same bytes again", async () => {
    await record(db, signer, happening());
    const server = new Answering((seqs, call) =>
      call === 1 ? { kind: "unreachable" } : told(seqs.map((seq, n) => ({ n, seq, answer: "again" }))),
    );

    const first = await push(db, server.client);
    expect(first).toEqual({ kind: "stopped", sentence: null });
    expect(await unsentCount(db)).toBe(1);
    await push(db, server.client);

    expect(server.asked[1]).toEqual(server.asked[0]);
    expect(await unsentCount(db)).toBe(0);
  });

  it("marks only what the answer names", async () => {
    for (let n = 0; n < 3; n++) await record(db, signer, happening());
    const server = new Answering((seqs) =>
      told(seqs.filter((seq) => seq !== 2).map((seq) => ({ n: seqs.indexOf(seq), seq, answer: "stored" }))),
    );

    await push(db, server.client);

    expect((await db.queue.toArray()).map((row) => row.state)).toEqual(["received", "kept", "received"]);
  });

  it("sends again from the place that the server misses", async () => {
    for (let n = 0; n < 3; n++) await record(db, signer, happening());
    await db.queue.where("seq").belowOrEqual(2).modify({ state: "received" });
    const server = new Answering((seqs, call) =>
      call === 1
        ? told([{ n: 0, seq: 3, answer: "held", expected_seq: 2 }])
        : told(seqs.map((seq, n) => ({ n, seq, answer: "stored" }))),
    );

    await push(db, server.client);

    const second = server.asked[1]?.events.length;
    expect(second).toBe(2);
    expect(await unsentCount(db)).toBe(0);
  });

  it("does not ask for ever when the server goes on missing something", async () => {
    await record(db, signer, happening());
    const server = new Answering(() => told([{ n: 0, seq: 1, answer: "held", expected_seq: 1 }]));

    await push(db, server.client);

    expect(server.asked.length).toBeLessThan(4);
  });

  it("keeps what is refused as unsent, and offers it again only when asked", async () => {
    await record(db, signer, happening());
    const server = new Answering(() => told([{ n: 0, seq: null, answer: "refused", code: "event.attachment" }]));

    await push(db, server.client);
    await push(db, server.client);

    expect(server.asked.length).toBe(1);
    expect(await unsentCount(db)).toBe(1);
    await offerAgain(db);
    await push(db, server.client);
    expect(server.asked.length).toBe(2);
  });

  it("sends one batch key a request", async () => {
    await record(db, signer, happening({ personal: { note: "satu" } }));
    const other: Signer = { ...signer, batch: { ...(await newBatchKey(signer.seal_key)), id: "b2" } };
    await record(db, other, happening({ personal: { note: "dua" } }));
    const server = new Answering((seqs) => told(seqs.map((seq, n) => ({ n, seq, answer: "stored" }))));

    await push(db, server.client);

    expect(server.asked.map((body) => body.events.length)).toEqual([1, 1]);
    expect(server.asked[0]?.batch_key).not.toEqual(server.asked[1]?.batch_key);
  });
});


describe("a decision", () => {
  it("is about the record that it names by its digest, not about whatever stands at its place", async () => {
    const mine = await record(db, signer, happening());
    const common = { seq: mine.seq, event: "", do: "", at: "" };
    const decisions = [
      { ...common, number: 7, event_sha256: mine.payload_sha256, outcome: "waiting", code: "device.frozen", sentence: "" },
      { ...common, number: 8, event_sha256: "ff".repeat(32), outcome: "accepted", code: "ok", sentence: "the other branch" },
      { ...common, number: 9, event_sha256: mine.payload_sha256, outcome: "refused", code: "fork.refused", sentence: "" },
    ];
    const client = { send: async () => ({ kind: "answer", body: { decisions, more: false } }) } as unknown as Client;

    await pullDecisions(db, client);

    const told = await decisionsOf(db, [mine]);
    expect([...told.values()].map(({ number, code }) => [number, code])).toEqual([[9, "fork.refused"]]);
    expect((await decisionsOf(db, [])).size).toBe(0);
  });
});

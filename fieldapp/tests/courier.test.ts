/** Files that somebody carries: sealed on the way there, believed on the way back only when the server signed them. */

import "fake-indexeddb/auto";
import { describe, expect, it } from "vitest";
import vectors from "../../vectors/courier.json";
import { fromHex, utf8 } from "../core/bytes";
import { readAcknowledgement, writeExport } from "../core/courier";
import { SignatureError } from "../core/jws";
import type { Ring, RingKey } from "../core/ring";
import { Database, type QueuedEvent } from "../store/database";
import { acknowledge, exportUnsent } from "../sync/courier";
import { ringKey } from "./signing";

const signing_key = ringKey({ kid: vectors.kid, purpose: "acknowledgement", point: fromHex(vectors.key) });
const ring: Ring = { issued_at: "2026-11-12T05:00:00.000Z", keys: [signing_key] };

function row(seq: number, state: QueuedEvent["state"], digest = seq): QueuedEvent {
  const payload_sha256 = digest.toString(16).padStart(2, "0").repeat(32);
  return { seq, id: `e${seq}`, type: "household.verified", at: ring.issued_at, jws: `a.b.${seq}`, payload_sha256, subjects: [], state };
}

async function sealKey(): Promise<RingKey> {
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { ...signing_key, kid: 9, purpose: "seal", alg: "ECDH-P256", point };
}

describe("an acknowledgement", () => {
  it.each(vectors.refused)("is refused: $name", async ({ file }) => {
    await expect(readAcknowledgement(utf8(file), ring, vectors.dev)).rejects.toThrow(SignatureError);
  });

  it("for another device is refused", async () => {
    await expect(readAcknowledgement(utf8(vectors.good), ring, "ANOTHER1")).rejects.toThrow(SignatureError);
  });

  it("by a revoked key is refused", async () => {
    const revoked: Ring = { ...ring, keys: [{ ...signing_key, state: "revoked" }] };
    await expect(readAcknowledgement(utf8(vectors.good), revoked, vectors.dev)).rejects.toThrow(SignatureError);
  });

  it("says what became of each record", async () => {
    const told = await readAcknowledgement(utf8(vectors.good), ring, vectors.dev);
    expect(told.answers.map(({ sha256: _, ...rest }) => rest)).toEqual(vectors.answers);
  });

  it("marks the records that it names, and no record with another content", async () => {
    const db = new Database(`betang-${Math.random()}`);
    await db.queue.bulkAdd([row(1, "kept"), row(2, "kept", 99), row(3, "kept"), row(4, "kept"), row(5, "kept")]);

    expect(await acknowledge(db, utf8(vectors.good), ring, vectors.dev)).toEqual({ records: 1, photos: 0 });

    const states = (await db.queue.orderBy("seq").toArray()).map(({ state }) => state);
    expect(states).toEqual(["received", "kept", "kept", "held", "refused"]);
  });

  it("takes nothing back that the server received before", async () => {
    const db = new Database(`betang-${Math.random()}`);
    await db.queue.bulkAdd([row(4, "received"), row(5, "received")]);

    await acknowledge(db, utf8(vectors.good), ring, vectors.dev);

    expect((await db.queue.toArray()).map(({ state }) => state)).toEqual(["received", "received"]);
  });
});

describe("an export", () => {
  it("holds everything that is not received, and leaves it where it is", async () => {
    const db = new Database(`betang-${Math.random()}`);
    await db.queue.bulkAdd([row(1, "received"), row(2, "kept"), row(3, "refused"), row(4, "held")]);

    const file = JSON.parse((await exportUnsent(db, await sealKey(), "7K3M9QXA", 0)) ?? "") as Record<string, unknown>;

    expect(file).toMatchObject({ betang: "export", v: 1, kid: 9 });
    expect(JSON.stringify(file)).not.toContain("7K3M9QXA");
    expect(await db.queue.where("state").equals("received").count()).toBe(1);
  });

  it("is not made when nothing waits", async () => {
    const db = new Database(`betang-${Math.random()}`);
    expect(await exportUnsent(db, await sealKey(), "7K3M9QXA", 0)).toBeNull();
  });

  it("is another one each time: nothing of it repeats", async () => {
    const key = await sealKey();
    const [first, second] = [await writeExport(key, "A", 0, [{}]), await writeExport(key, "A", 0, [{}])];
    expect(first).not.toBe(second);
  });
});

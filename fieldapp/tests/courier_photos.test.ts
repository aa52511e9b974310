/** Photos that somebody carries: sealed when they were taken, so that a wiped phone can still give them away. */

import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import vectors from "../../vectors/courier_photos.json";
import { fromHex, utf8 } from "../core/bytes";
import { writePhotos } from "../core/courier_photos";
import { SignatureError } from "../core/jws";
import type { Ring } from "../core/ring";
import { Database } from "../store/database";
import { record, type Signer } from "../store/queue";
import { createVault, unlock, WRONG_PINS_MAX } from "../store/vault";
import { acknowledge, exportUnsent } from "../sync/courier";
import { exportPhotos } from "../sync/courier_photos";
import { newSigner, ringKey } from "./signing";

const acknowledging = ringKey({ kid: vectors.kid, purpose: "acknowledgement", point: fromHex(vectors.key) });
const ring: Ring = { issued_at: "2026-11-12T05:00:00.000Z", keys: [acknowledging] };
const [first, second] = vectors.photos as [(typeof vectors.photos)[0], (typeof vectors.photos)[0]];

interface Told {
  photos: { seq: number; sha256: string; bytes: string }[];
}

// Node has no locks; one tab needs none.
vi.stubGlobal("navigator", {});

let db: Database;
let signer: Signer;

beforeEach(async () => {
  db = new Database(`betang-${Math.random()}`);
  signer = await newSigner(vectors.dev);
});

async function deliver(...photos: string[]): Promise<void> {
  const data = { entitlement: "r", part: 1 };
  await record(db, signer, { type: "benefit.delivered", at_ms: 0, mono_ms: 0, lease: null, data, subjects: ["r"], photos: photos.map(utf8) });
}

async function told(from?: string, most?: number): Promise<(Told & { next: string | null; text: string }) | null> {
  const file = await exportPhotos(db, vectors.dev, from, most);
  return file && { ...(JSON.parse(file.text) as Told), next: file.next, text: file.text };
}

describe("a file of photos", () => {
  it("is written as the server's twin writes it", () => {
    const photos = vectors.photos.map(({ bytes, ...rest }) => ({ ...rest, bytes: fromHex(bytes) }));
    expect(writePhotos(vectors.dev, photos)).toBe(vectors.file);
  });

  it("is not made when no photo waits", async () => {
    await deliver();
    expect(await told()).toBeNull();
  });

  it("names the event of each photo, shows none of them, and leaves them where they are", async () => {
    await deliver();
    await deliver("wajah ibu Sri", "karung beras");

    const file = (await told())!;

    expect(file.photos.map(({ seq }) => seq)).toEqual([2, 2]);
    expect(file.text).not.toContain("wajah");
    expect(file.next).toBeNull();
    expect(await db.blobs.count()).toBe(2);
  });

  it("holds no more than it may, and the next begins where it ended", async () => {
    await deliver("satu", "dua", "tiga");

    const names: string[] = [];
    let [files, from]: [number, string | undefined] = [0, undefined];
    do {
      const file: Awaited<ReturnType<typeof told>> = await told(from, 1_500);
      names.push(...file!.photos.map(({ sha256 }) => sha256));
      expect(file!.text.length).toBeLessThanOrEqual(1_500);
      files += 1;
      from = file!.next ?? undefined;
    } while (from !== undefined);

    expect(files).toBe(2);
    expect(new Set(names).size).toBe(3);
  });

  it("is made by a phone that ten wrong PINs have wiped, with the records beside it", async () => {
    await createVault(db, "246802", await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]).then((pair) => pair.privateKey));
    await deliver("wajah ibu Sri");
    const before = await told();
    for (let n = 1, now_ms = 0; n <= WRONG_PINS_MAX; n += 1) {
      await unlock(db, "000000", (now_ms += 86_400_000));
    }
    expect(await unlock(db, "246802", 9e15)).toEqual({ kind: "wiped" });

    const after = await told();

    expect(after!.photos).toEqual(before!.photos);
    expect(await exportUnsent(db, signer.seal_key, vectors.dev, 0)).not.toBeNull();
  });
});

describe("the acknowledgement of photos", () => {
  async function keepBoth(): Promise<void> {
    for (const { sha256, key, bytes } of [first, second]) {
      await db.blobs.add({ sha256, bytes: fromHex(bytes), blob_key: key, event_id: "e" });
    }
  }

  it("by a revoked key, or for another phone, deletes none", async () => {
    await keepBoth();
    const revoked: Ring = { ...ring, keys: [{ ...acknowledging, state: "revoked" }] };

    await expect(acknowledge(db, utf8(vectors.acknowledgement), revoked, vectors.dev)).rejects.toThrow(SignatureError);
    await expect(acknowledge(db, utf8(vectors.acknowledgement), ring, "ANOTHER1")).rejects.toThrow(SignatureError);
    expect(await db.blobs.count()).toBe(2);
  });

  it("deletes those that it names, and no other", async () => {
    await keepBoth();

    expect(await acknowledge(db, utf8(vectors.acknowledgement), ring, vectors.dev)).toEqual({ records: 0, photos: 1 });

    expect(await db.blobs.toCollection().primaryKeys()).toEqual([second.sha256]);
  });
});

/** The card's QR and the revocation list, against the vectors of the Python twin. Refusals first. */

import { describe, expect, it } from "vitest";
import lists from "../../vectors/revocation.json";
import cards from "../../vectors/qr.json";
import { fromBase64Url } from "../core/bytes";
import { readCard } from "../core/qr";
import { after, ageDays, ListRefusedError, readList, says } from "../core/revocation";
import { ringOf } from "../core/ring";

const ring = ringOf({ v: 1, issued_at: cards.at, keys: cards.ring });
const list_ring = ringOf({ v: 1, issued_at: cards.at, keys: lists.ring });
const now_ms = Date.parse(cards.at);

describe("reading a card's QR", () => {
  it.each(cards.refused)("refuses $name", async ({ text, code }) => {
    const read = await readCard(text, ring, cards.issuer, now_ms);

    expect(read).toEqual({ state: code, claims: null });
  });

  it("knows no key at all before the ring came", async () => {
    const read = await readCard(cards.valid[0]!.text, null, cards.issuer, now_ms);

    expect(read).toEqual({ state: "key.unknown", claims: null });
  });

  it.each(cards.valid)("reads $name", async ({ text, claims }) => {
    const read = await readCard(text, ring, cards.issuer, now_ms);

    expect(read).toEqual({ state: "valid", claims: { ...claims, chip_key: null } });
  });
});

describe("reading whatever is held before the camera", () => {
  /** A small generator with a seed (mulberry32), so that a failure comes again. */
  function generator(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
    };
  }

  const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  const genuine = cards.valid[0]!.text;

  it.each([1, 2, 3])("never throws and never believes a changed code (seed %i)", async (seed) => {
    const any = generator(seed);
    for (let round = 0; round < 500; round++) {
      const letters = [...genuine];
      for (let change = 0; change <= any(3); change++) letters[any(letters.length)] = ALPHABET[any(45)]!;
      const texts = [
        letters.join(""),
        genuine.slice(any(genuine.length)),
        Array.from({ length: any(400) }, () => ALPHABET[any(45)]).join(""),
        Array.from({ length: any(60) }, () => String.fromCharCode(any(0x3000))).join(""),
      ];
      for (const text of texts) {
        const read = await readCard(text, ring, cards.issuer, now_ms);
        if (text !== genuine) expect(read.claims, text).toBeNull();
      }
    }
  });
});

describe("reading a revocation list", () => {
  it.each(lists.refused)("refuses $name", async ({ list, code }) => {
    const reading = readList(fromBase64Url(list), list_ring, lists.issuer);

    await expect(reading).rejects.toThrow(new ListRefusedError(code));
  });

  it.each(lists.valid)("reads $name", async ({ list, reads }) => {
    const read = await readList(fromBase64Url(list), list_ring, lists.issuer);

    expect(read.seq).toBe(reads.seq);
    expect(read.since).toBe(reads.since);
    expect(read.issued_at_ms).toBe(reads.issued_at * 1000);
    expect([...read.revoked].sort()).toEqual(reads.revoked);
    expect([...read.superseded].sort()).toEqual(reads.superseded);
    for (const number of reads.revoked) expect(says(read, number)).toBe("card.revoked");
  });

  it.each(lists.ages)("is $days days old", async ({ issued_at, at, days }) => {
    const read = await readList(fromBase64Url(lists.valid[0]!.list), list_ring, lists.issuer);

    expect(ageDays({ ...read, issued_at_ms: issued_at * 1000 }, at * 1000)).toBe(days);
  });

  it("refuses a rollback and a delta without its base, and merges one with it", async () => {
    const [whole, , delta] = await Promise.all(
      lists.valid.map(({ list }) => readList(fromBase64Url(list), list_ring, lists.issuer)),
    );
    if (!whole || !delta) throw new Error("vectors");

    expect(() => after(whole, delta)).toThrow(new ListRefusedError("list.older"));
    expect(() => after(delta, null)).toThrow(new ListRefusedError("list.gap"));
    expect(after(delta, whole).revoked.size).toBe(whole.revoked.size + delta.revoked.size);
  });
});

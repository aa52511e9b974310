/** Tickets and their roster, against the vectors that the Python twin runs as well. */

import { describe, expect, it } from "vitest";
import vectors from "../../vectors/ticket.json";
import { fromHex, toHex } from "../core/bytes";
import { join, ticketOf, weigh, type Segment } from "../core/ticket";
import { PageRefusedError, readPage } from "../core/ticket_page";
import type { TapsState } from "../core/verdict";

type Told = { uid: string; first: number; tickets: string };

function segmentOf({ uid, first, tickets }: Told): Segment {
  return { uid, first, tickets: fromHex(tickets) };
}

describe("a page of the roster", () => {
  it.each(vectors.refused_pages)("is refused: $name", ({ hex }) => {
    expect(() => readPage(fromHex(hex))).toThrow(PageRefusedError);
  });

  it("is refused when it is longer than a phone shall read", () => {
    expect(() => readPage(new Uint8Array((1 << 20) + 1))).toThrow(PageRefusedError);
  });

  it.each(vectors.pages)("is read: $name", ({ hex, salt, since, revision, newest, segments }) => {
    const page = readPage(fromHex(hex));

    expect(toHex(page.salt)).toBe(salt);
    expect([page.since, page.revision, page.newest]).toEqual([since, revision, newest]);
    expect(page.segments.map(({ uid, first, tickets }) => ({ uid, first, tickets: toHex(tickets) }))).toEqual(segments);
  });

  it("is read from the middle of a larger buffer too", () => {
    const [, , whole] = vectors.pages;
    const bytes = fromHex(whole?.hex ?? "");
    const around = new Uint8Array(bytes.length + 5);
    around.set(bytes, 3);

    const page = readPage(around.subarray(3, 3 + bytes.length));

    expect(page.segments.length).toBe(whole?.segments.length);
  });

  it("is refused, or is another page, whatever byte is changed, and never breaks the reader", () => {
    const bytes = fromHex(vectors.pages[5]?.hex ?? "");
    let seed = 62;
    for (let place = 0; place < bytes.length; place++) {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      const spoilt = bytes.slice();
      spoilt[place] = (spoilt[place] ?? 0) ^ (1 + (seed % 255));
      try {
        expect(readPage(spoilt)).not.toEqual(readPage(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(PageRefusedError);
      }
      expect(() => readPage(bytes.slice(0, place))).toThrow(PageRefusedError);
    }
  });
});

describe("a tap without a network", () => {
  const salt = fromHex(vectors.salt);
  const held = vectors.roster.map(segmentOf);

  it.each(vectors.tickets)("has its ticket: $name", async ({ salt, tap, expected }) => {
    expect(toHex(await ticketOf(fromHex(salt), tap))).toBe(expected);
  });

  it.each(vectors.weighed)("is weighed: $name", async ({ tap, high, unproved, expected }) => {
    expect(await weigh(tap, { salt, held, high, unproved })).toBe(expected);
  });

  it("cannot be told where there is no roster at all", async () => {
    const tap = vectors.weighed[0]?.tap ?? { uid: "", counter: 0, mac: "" };

    expect(await weigh(tap, { salt: null, held: [], high: 0, unproved: null })).toBe("past_window");
  });

  it.each(vectors.joined)("joins: $before, then $seen", ({ before, seen, expected }) => {
    expect(join(before as TapsState, seen as Parameters<typeof join>[1])).toBe(expected);
  });
});

/** The ticket roster on the phone: kept whole or not at all, sealed, fetched page after page. On a real IndexedDB in memory. */

import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import vectors from "../../vectors/ticket.json";
import { concat, fromHex, toBase64Url, toHex, utf8, type Bytes } from "../core/bytes";
import { newKeyPair } from "../core/es256";
import { readPage, type Page } from "../core/ticket_page";
import { Database } from "../store/database";
import { forgetTickets, heldRevision, keepPage, openTickets, OtherRosterError } from "../store/tickets";
import { createVault, wipe, type OpenVault } from "../store/vault";
import type { Client, Outcome } from "../sync/client";
import { pullTickets } from "../sync/tickets";

const salt = fromHex(vectors.salt);
const ONE = "04a1b2c3d4e5f6";
const OTHER = "04ffeeddccbbaa";

let db: Database;
let vault: OpenVault;

function page(facts: Partial<Page>): Page {
  return { salt, since: 0, revision: 1, newest: 1, segments: [], ...facts };
}

function part(uid: string, first: number, count: number): Page["segments"][number] {
  return { uid, first, tickets: new Uint8Array(count * 8).fill(first) };
}

async function held(uid: string): Promise<[number, number][]> {
  return (await openTickets(db, vault, uid)).held.map(({ first, tickets }) => [first, tickets.length / 8]);
}

beforeEach(async () => {
  db = new Database(`betang-${Math.random()}`);
  vault = await createVault(db, "271828", (await newKeyPair()).privateKey);
});

describe("a page that came", () => {
  it("is refused when it continues what is not held, or another device's roster", async () => {
    await keepPage(db, vault, page({ revision: 3, newest: 3 }));

    for (const wrong of [page({ since: 2, revision: 4, newest: 4 }), page({ salt: new Uint8Array(16), since: 3, revision: 4, newest: 4 })]) {
      await expect(keepPage(db, vault, wrong)).rejects.toBeInstanceOf(OtherRosterError);
    }
    expect(await heldRevision(db)).toBe(3);
  });

  it("adds, withdraws and replaces", async () => {
    await keepPage(db, vault, page({ segments: [part(ONE, 1, 8), part(OTHER, 1, 8)] }));
    await keepPage(db, vault, page({ since: 1, revision: 2, newest: 3, segments: [part(ONE, 9, 2)] }));
    expect(await held(ONE)).toEqual([[1, 8], [9, 2]]);

    await keepPage(db, vault, page({ since: 2, revision: 3, newest: 3, segments: [part(ONE, 0, 0), part(ONE, 5, 3), part(OTHER, 0, 0)] }));
    expect([await held(ONE), await held(OTHER)]).toEqual([[[5, 3]], []]);

    await keepPage(db, vault, page({ since: 0, revision: 9, newest: 9, segments: [part(OTHER, 2, 1)] }));
    expect([await held(ONE), await held(OTHER), await heldRevision(db)]).toEqual([[], [[2, 1]], 9]);
  });

  it("drops what was consumed", async () => {
    await keepPage(db, vault, page({ segments: [part(ONE, 1, 8)] }));
    await db.counters.put({ uid: ONE, counter: 8 });

    await keepPage(db, vault, page({ since: 1, revision: 2, newest: 2, segments: [part(ONE, 9, 8)] }));

    expect(await held(ONE)).toEqual([[9, 8]]);
  });

  it("lies sealed, and is gone with the keys", async () => {
    const whole = readPage(fromHex(vectors.pages[2]?.hex ?? ""));
    await keepPage(db, vault, whole);

    const kept = JSON.stringify((await db.tickets.toArray()).map(({ key, sealed }) => [key, toHex(sealed)]));
    const first = whole.segments[0]?.tickets ?? new Uint8Array();
    for (const secret of [ONE, vectors.salt, toHex(first), toHex(utf8(toBase64Url(first))), toHex(utf8(ONE))]) {
      expect(kept).not.toContain(secret);
    }
    await wipe(db);
    expect([await db.tickets.count(), await heldRevision(db)]).toEqual([0, 0]);
  });

  it("can be forgotten, so that all is asked for again", async () => {
    await keepPage(db, vault, page({ segments: [part(ONE, 1, 8)] }));

    await forgetTickets(db);

    expect([await held(ONE), await heldRevision(db)]).toEqual([[], 0]);
  });
});

/** A server that answers as the test says, and remembers from where it was asked. */
class Answering {
  readonly asked: string[] = [];

  constructor(private readonly answer: (since: number, call: number) => Bytes | null) {}

  async send(_method: string, _path: string, { query }: { query: string }): Promise<Outcome<Bytes>> {
    this.asked.push(query);
    const body = this.answer(Number(query.slice("?since=".length)), this.asked.length);
    return body === null ? { kind: "unreachable" } : { kind: "answer", status: 200, body, headers: new Headers() };
  }

  get client(): Client {
    return this as unknown as Client;
  }
}

function written(since: number, revision: number, newest: number, of = salt): Bytes {
  const numbers = new DataView(new ArrayBuffer(14));
  [since, revision, newest].forEach((number, place) => numbers.setUint32(place * 4, number));
  return concat(fromHex("42545201"), of, new Uint8Array(numbers.buffer));
}

describe("fetching", () => {
  it("asks for nothing when the bundle says that nothing changed", async () => {
    const server = new Answering(() => null);

    await pullTickets(db, server.client, vault);

    expect(server.asked).toEqual([]);
  });

  it("goes on from where a lost network ended it", async () => {
    await db.write("tickets_newest", 3);
    const server = new Answering((since, call) => (call === 2 ? null : written(since, since + 1, 3)));

    await pullTickets(db, server.client, vault);
    expect(await heldRevision(db)).toBe(1);
    await pullTickets(db, server.client, vault);

    expect(server.asked).toEqual(["?since=0", "?since=1", "?since=1", "?since=2"]);
    expect(await heldRevision(db)).toBe(3);
  });

  it.each([
    ["a portal's page", utf8("<html>Selamat datang</html>")],
    ["the same again and again", written(0, 0, 3)],
  ])("does not ask for ever when the answer is %s", async (_, body) => {
    await db.write("tickets_newest", 3);
    const server = new Answering(() => body);

    await pullTickets(db, server.client, vault);

    expect(server.asked.length).toBeLessThan(4);
    expect(await heldRevision(db)).toBe(0);
  });

  it("begins anew when the roster is another", async () => {
    await keepPage(db, vault, page({ revision: 2, newest: 2, segments: [part(ONE, 1, 8)] }));
    await db.write("tickets_newest", 3);
    const other = new Uint8Array(16).fill(7);
    const server = new Answering((since) => written(since, 3, 3, other));

    await pullTickets(db, server.client, vault);

    expect(server.asked).toEqual(["?since=2", "?since=0"]);
    expect([await held(ONE), await heldRevision(db)]).toEqual([[], 3]);
  });
});

/** What the phone does not send or fetch twice: packed bodies, sections that it holds, decisions that it read. */

import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { fromUtf8, sha256, toHex, type Bytes } from "../core/bytes";
import { newKeyPair, publicJwk } from "../core/es256";
import { readJws } from "../core/jws";
import { Database } from "../store/database";
import { complete, keepBundle, openRoster, type Bundle, type PartialBundle } from "../store/roster";
import { createVault, type OpenVault } from "../store/vault";
import { Client, type Outcome } from "../sync/client";
import { pullDecisions } from "../sync/pull";

let db: Database;
let vault: OpenVault;

const household = (uuid: string): Bundle["households"][number] => ({
  uuid, number: "1", village: "6201011001", head_name: "Sumiati", rt: null, rw: null, address: null, dwelling: null,
  anchor: null, home: null, members: [],
});
const right = (uuid: string, state: "open" | "delivered"): Bundle["entitlements"][number] => ({
  uuid, household: "h1", cycle: "c", benefit: "b", parts_allowed: 1, parts_delivered: 0, state,
});
const first: Bundle = {
  version: "v1", at: "2026-11-12T05:00:00.000Z", areas: [{ code: "62", name: "Kalteng", level: 1, parent: "" }],
  programmes: [], cycles: [], benefits: [], leases: [], issuer: "kartu.example", owner_name: "Sari",
  households: [household("h1"), household("h2")],
  entitlements: [right("r1", "open")],
  cards: [{ number: "62", household: "h1", uid: null, counter: 0, state: "active", custody: false, expires_on: "2031-01-01" }],
};

beforeEach(async () => {
  db = new Database(`frugal-${Math.random()}`);
  vault = await createVault(db, "271828", (await newKeyPair()).privateKey);
  await keepBundle(db, vault, first, 0);
});

describe("a bundle that leaves out what is held", () => {
  const { areas: _areas, households: _households, cards: _cards, ...rest } = first;
  const told: PartialBundle = { ...rest, version: "v2", entitlements: [right("r1", "delivered")], kept: ["areas", "households", "cards"] };

  it("is refused where it leaves out what is not held, or what this app does not know", async () => {
    await expect(complete(new Database("empty"), vault.roster_key, told)).rejects.toThrow(RangeError);
    await expect(complete(db, vault.roster_key, { ...told, kept: ["days"] })).rejects.toThrow("days");
    await expect(complete(db, vault.roster_key, { ...told, kept: ["rumours"] })).rejects.toThrow("rumours");
  });

  it("is filled in, and the roster is whole", async () => {
    await keepBundle(db, vault, await complete(db, vault.roster_key, told), 1);

    const roster = await openRoster(db, vault.roster_key);
    expect([...roster.families.keys()].sort()).toEqual(["h1", "h2"]);
    expect(roster.families.get("h1")?.entitlements[0]?.state).toBe("delivered");
    expect(roster.by_card.get("62")?.family.household.uuid).toBe("h1");
    expect(await db.read("office")).toMatchObject({ version: "v2", areas: first.areas });
  });
});

describe("decisions", () => {
  const asked: string[] = [];
  const server = {
    send(_method: string, _path: string, how: { query: string }): Promise<Outcome<unknown>> {
      asked.push(how.query);
      const decisions = [{ number: 7, seq: 1, outcome: "accepted", code: "ok", sentence: "Diterima.", do: "", at: "" }];
      return Promise.resolve({ kind: "answer", status: 200, body: { decisions, more: false }, headers: new Headers() });
    },
  } as unknown as Client;

  it("are asked for only when there are new ones, or nobody knows", async () => {
    await pullDecisions(db, server, 7);
    await pullDecisions(db, server, 7);
    expect(asked).toEqual(["?after=0&brief=1"]);

    await pullDecisions(db, server, 8);
    await pullDecisions(db, server);
    expect(asked.slice(1)).toEqual(["?after=7&brief=1", "?after=7&brief=1"]);
  });
});

describe("a body", () => {
  const seen: { headers: Headers; body: Bytes }[] = [];
  let says: Record<string, string> = {};

  async function client(): Promise<Client> {
    seen.length = 0;
    vi.stubGlobal("fetch", (_path: string, how: { headers: Headers; body: Bytes }) => {
      seen.push(how);
      return Promise.resolve(new Response("{}", { headers: says }));
    });
    const pair = await newKeyPair();
    return new Client("https://betang.example", pair.privateKey, await publicJwk(pair.publicKey));
  }

  it("goes as it is to a server that did not say that it unpacks, and when it is small", async () => {
    says = {};
    const plain = await client();
    await plain.ping();
    await plain.sendJson("POST", "/x", { text: "a".repeat(1000) });
    says = { "Accept-Encoding": "gzip" };
    await plain.ping();
    await plain.sendJson("POST", "/x", { text: "a" });

    expect(seen.map(({ headers }) => headers.get("Content-Encoding"))).toEqual([null, null, null, null]);
  });

  it("goes packed to one that did, and the proof is of the bytes that travel", async () => {
    says = { "Accept-Encoding": "gzip" };
    const packing = await client();
    await packing.ping();
    await packing.sendJson("POST", "/x", { text: "a".repeat(1000) });

    const { headers, body } = seen[1]!;
    expect(headers.get("Content-Encoding")).toBe("gzip");
    expect(body.length).toBeLessThan(100);
    const unpacked = new Blob([body]).stream().pipeThrough(new DecompressionStream("gzip"));
    expect(await new Response(unpacked).json()).toEqual({ text: "a".repeat(1000) });
    const proof = JSON.parse(fromUtf8(readJws(headers.get("DPoP")!, "dpop+jwt").payload)) as { body_sha256: string };
    expect(proof.body_sha256).toBe(toHex(await sha256(body)));
  });
});

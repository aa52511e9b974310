/** Portraits on the phone: only its own families', only what the digest says, sealed, and gone when they must. */

import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { toBase64Url, utf8, type Bytes } from "../core/bytes";
import { newKeyPair } from "../core/es256";
import { portraitDigest } from "../core/portrait";
import { picturesMayCome } from "../device/network";
import { EMPTY_VISIT, visitData, wrongVisit, type VisitDraft } from "../screens/visit";
import { Database } from "../store/database";
import { portraitOf, portraitsLacking, tellPortraits, watchPortrait, type Portrait } from "../store/portraits";
import { keepBundle, type Bundle } from "../store/roster";
import { createVault, wipe, wipeRoster, type OpenVault } from "../store/vault";
import type { Client, Outcome, Sending } from "../sync/client";
import { pullPortraits } from "../sync/portraits";
import { giveWebLocks } from "./web_locks";

giveWebLocks();

const SITI = "01920000-0000-7000-8000-000000000001";
const BUDI = "01920000-0000-7000-8000-000000000002";
const STRANGER = "01920000-0000-7000-8000-000000000009";
const FACE = utf8("RIFF a face");

let db: Database;
let vault: OpenVault;

function bundle(...uuids: string[]): Bundle {
  const households = uuids.map((uuid) => ({
    uuid, number: "1234567897", village: "6201011001", head_name: uuid, rt: null, rw: null, address: null, dwelling: null,
    anchor: null, home: null, members: [],
  }));
  return {
    version: "v", at: "2026-11-12T05:00:00.000Z", areas: [], programmes: [], cycles: [], benefits: [], leases: [],
    issuer: "kartu.example", owner_name: "Sari", households, entitlements: [], cards: [],
  };
}

async function portrait(household: string, picture: Bytes = FACE): Promise<Portrait> {
  return { household, digest: await portraitDigest(household, picture), webp: toBase64Url(picture) };
}

interface Asked {
  have: string;
  most: number;
}

/** A server that answers each request with the next of these, and then no more. */
function server(...answers: unknown[]): { client: Client; asked: Asked[] } {
  const asked: Asked[] = [];
  const client = {
    async sendJson(_method: string, path: string, body: Asked, _how?: Sending): Promise<Outcome<unknown>> {
      expect(path).toBe("/api/v1/portraits");
      asked.push(body);
      const answer = answers.shift();
      if (answer === undefined) return { kind: "unreachable" };
      return { kind: "answer", status: 200, body: answer, headers: new Headers() };
    },
  };
  return { client: client as unknown as Client, asked };
}

function page(version: string, portraits: Portrait[], left = 0, gone: string[] = []): unknown {
  return { v: 1, version, portraits, gone, left };
}

beforeEach(async () => {
  db = new Database(`portraits-${Math.random()}`);
  vault = await createVault(db, "271828", (await newKeyPair()).privateKey);
  await keepBundle(db, vault, bundle(SITI, BUDI), 0);
  await tellPortraits(db, "one");
});

async function held(): Promise<string[]> {
  const found = await Promise.all([SITI, BUDI, STRANGER].map(async (uuid) => ((await portraitOf(db, vault, uuid)) ? [uuid] : [])));
  return found.flat();
}

describe("a portrait that is none of ours", () => {
  it("is not kept for a family that the roster does not name", async () => {
    const { client } = server(page("one", [await portrait(STRANGER)]));

    await pullPortraits(db, client, vault, true);

    expect(await db.portraits.count()).toBe(0);
  });

  it.each([
    ["another picture's digest", async () => ({ ...(await portrait(SITI)), webp: toBase64Url(utf8("RIFF another")) })],
    ["another family's digest", async () => ({ ...(await portrait(BUDI)), household: SITI })],
    ["no base64url", async () => ({ ...(await portrait(SITI)), webp: "***" })],
    ["no uuid", async () => ({ ...(await portrait(SITI)), household: "x" })],
  ])("is not kept under %s", async (_, made) => {
    const { client } = server(page("one", [await made()]));

    await pullPortraits(db, client, vault, true);

    expect(await held()).toEqual([]);
  });

  it("does not make the phone ask for ever", async () => {
    const bad = { ...(await portrait(SITI)), webp: "AAAA" };
    const { client, asked } = server(page("one", [bad], 5), page("one", [bad], 5), page("one", [bad], 5));

    await pullPortraits(db, client, vault, true);

    expect(asked).toHaveLength(1);
  });
});

describe("portraits", () => {
  it("are asked for once, by digest, page by page, and lie sealed", async () => {
    const [siti, budi] = [await portrait(SITI), await portrait(BUDI)];
    const { client, asked } = server(page("one", [siti], 1), page("one", [budi], 0));

    await pullPortraits(db, client, vault, true);
    await pullPortraits(db, client, vault, true);

    expect(await held()).toEqual([SITI, BUDI]);
    expect(await portraitOf(db, vault, SITI)).toEqual(FACE);
    expect(asked.map(({ have }) => have.length)).toEqual([0, 11]);
    expect(await portraitsLacking(db)).toBe(0);
    for (const row of await db.portraits.toArray()) {
      expect(new TextDecoder().decode(row.sealed)).not.toContain(siti.webp);
      expect(row.key).not.toContain(SITI);
    }
  });

  it("go on behind what came when the network broke", async () => {
    const [siti, budi] = [await portrait(SITI), await portrait(BUDI)];
    await pullPortraits(db, server(page("one", [siti], 1)).client, vault, true);
    expect(await portraitsLacking(db)).toBe(1);
    const { client, asked } = server(page("one", [budi], 0));

    await pullPortraits(db, client, vault, true);

    expect(asked[0]?.have.length).toBe(11);
    expect(await held()).toEqual([SITI, BUDI]);
  });

  it("are not fetched over a network that nobody chose, but what is gone is forgotten", async () => {
    const siti = await portrait(SITI);
    await pullPortraits(db, server(page("one", [siti])).client, vault, true);
    await tellPortraits(db, "two");
    const { client, asked } = server(page("two", [], 1, [siti.digest]));

    await pullPortraits(db, client, vault, false);
    await pullPortraits(db, client, vault, false);

    expect(asked.map(({ most }) => most)).toEqual([0]);
    expect(await held()).toEqual([]);
    expect(await portraitsLacking(db)).toBe(1);
  });

  it("cost nothing where none is here and none is wanted", async () => {
    const { client, asked } = server();

    await pullPortraits(db, client, vault, false);

    expect(asked).toEqual([]);
    expect(await portraitsLacking(db)).toBeNull();
  });

  it("go when the office has none left, without being asked about", async () => {
    await pullPortraits(db, server(page("one", [await portrait(SITI)])).client, vault, true);
    await tellPortraits(db, null);
    const { client, asked } = server();

    await pullPortraits(db, client, vault, false);

    expect(asked).toEqual([]);
    expect(await db.portraits.count()).toBe(0);
    expect(await portraitsLacking(db)).toBe(0);
  });

  it("go with a family that left the roster", async () => {
    const { client } = server(page("one", [await portrait(SITI), await portrait(BUDI)]));
    await pullPortraits(db, client, vault, true);

    await keepBundle(db, vault, bundle(BUDI), 0);

    expect(await held()).toEqual([BUDI]);
    expect(await db.portraits.count()).toBe(1);
  });

  it.each([["a wipe", wipe], ["the end of the roster", wipeRoster]])("go with %s", async (_, end) => {
    await pullPortraits(db, server(page("one", [await portrait(SITI)])).client, vault, true);

    await end(db);

    expect(await db.portraits.count()).toBe(0);
    expect(await portraitsLacking(db)).toBeNull(); // they would be asked for anew
  });

  it("of a key that is gone are thrown away and asked for anew", async () => {
    const siti = await portrait(SITI);
    await pullPortraits(db, server(page("one", [siti])).client, vault, true);
    vault = await createVault(db, "271828", (await newKeyPair()).privateKey);
    await keepBundle(db, vault, bundle(SITI), 0);
    await tellPortraits(db, "two");
    const { client, asked } = server(page("two", [siti]));

    await pullPortraits(db, client, vault, true);

    expect(asked[0]?.have).toBe("");
    expect(await held()).toEqual([SITI]);
  });
});

describe("a network", () => {
  it.each([
    [undefined, false],
    [{ type: "cellular", effectiveType: "4g" }, false],
    [{ type: "wifi", saveData: true }, false],
    [{ type: "wifi", effectiveType: "2g" }, true],
    [{ effectiveType: "4g" }, true],
    [{ type: "unknown", effectiveType: "3g" }, false],
  ])("%o brings pictures unasked: %s", (connection, may) => {
    Object.defineProperty(globalThis, "navigator", { value: { ...globalThis.navigator, connection }, configurable: true });

    expect(picturesMayCome()).toBe(may);
  });
});

describe("a visit", () => {
  const found: VisitDraft = { ...EMPTY_VISIT, outcome: "found" };

  it("with a photo wants the family's consent", () => {
    expect(wrongVisit(found, "2026-11-12", true)).toMatch(/persetujuan/);
    expect(wrongVisit({ ...found, consent: true }, "2026-11-12", true)).toBeNull();
    expect(wrongVisit(found, "2026-11-12", false)).toBeNull();
  });

  it("marks it in what is signed, never without consent", () => {
    expect(visitData({ ...found, consent: true }, true).data["portrait"]).toEqual({ photo: 0, consent: true });
    expect(visitData(found, true).data["portrait"]).toBeNull();
    expect(visitData({ ...found, consent: true }, false).data).not.toHaveProperty("portrait");
    expect(visitData({ ...found, outcome: "refused", consent: true }, true).data).not.toHaveProperty("portrait");
  });
});

describe("a portrait on an open screen", () => {
  it("comes, and goes when the office takes it away", async () => {
    const told: (Bytes | null)[] = [];
    const end = watchPortrait(db, vault, SITI, (webp) => told.push(webp));
    await vi.waitFor(() => expect(told).toEqual([null]));

    await pullPortraits(db, server(page("one", [await portrait(SITI)])).client, vault, true);
    await vi.waitFor(() => expect(told).toEqual([null, FACE]));
    await tellPortraits(db, null);
    await pullPortraits(db, server().client, vault, false);

    await vi.waitFor(() => expect(told).toEqual([null, FACE, null]));
    end();
  });

  it("is told no more to a screen that was left", async () => {
    const told: (Bytes | null)[] = [];
    watchPortrait(db, vault, SITI, (webp) => told.push(webp))();
    await pullPortraits(db, server(page("one", [await portrait(SITI)])).client, vault, true);
    await new Promise((done) => setTimeout(done, 50));
    expect(told).toEqual([]);
  });
});

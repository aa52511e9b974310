/** What the phone keeps of ring and list: only what verifies, only forwards, and its age with it. */

import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import vectors from "../../vectors/offline.json";
import { compactJws, newKeyPair, publicJwk } from "../core/es256";
import { utf8 } from "../core/bytes";
import { SignatureError } from "../core/jws";
import { keptRing } from "../core/ring";
import { Database } from "../store/database";
import { heldList, holdingQuery, keepTrust, type TrustAnswer } from "../sync/trust";

const RING_KID = 9;
const by_name = new Map(vectors.lists.map((one) => [one.name, one.arrives]));
const [base, delta] = by_name.get("a delta applied")! as [string, string];
const [, gap, whole] = by_name.get("a gap, then whole")! as [string, string, string];
const [, older] = by_name.get("rolled back")! as [string, string];
const [, forged] = by_name.get("by another key")! as [string, string];

let db: Database;
let pair: CryptoKeyPair;
let serial = 0;

async function ringAt(issued_at: string, list_state = "active", signer = pair): Promise<string> {
  const { x, y } = await publicJwk(pair.publicKey);
  const span = { not_before: "2026-01-01T00:00:00.000Z", not_after: "2032-01-01T00:00:00.000Z" };
  const own = { kid: RING_KID, purpose: "ring", alg: "ES256", x, y, ...span, state: "active" };
  const keys = [...vectors.ring.map((key) => (key.purpose === "list" ? { ...key, state: list_state } : key)), own];
  const header = { alg: "ES256", kid: String(RING_KID), typ: "betang-ring+jws" };
  return compactJws(signer.privateKey, header, utf8(JSON.stringify({ v: 1, issued_at, keys })));
}

function told(list: string | null, ring: string | null = null): TrustAnswer {
  const revocation = list === null ? null : { seq: 0, since: 0, issued_at: "", list };
  return { revocation, ring, ring_version: "version" };
}

async function seq(): Promise<number | null> {
  const ring = keptRing((await db.read<string>("ring"))!);
  return (await heldList(db, ring, vectors.issuer))?.seq ?? null;
}

async function keep(answer: TrustAnswer): Promise<string> {
  return keepTrust(db, answer, vectors.issuer);
}

beforeEach(async () => {
  db = new Database(`trust-${serial++}`);
  pair = await newKeyPair();
  await db.write("ring", await ringAt("2026-11-11T05:00:00.000Z"));
});

describe("a list that arrives", () => {
  it("is not kept when it is older, forged, or a delta on what is not held", async () => {
    expect(await keep(told(delta))).toBe("gap");
    expect(await seq()).toBeNull();
    await keep(told(whole));
    expect(await keep(told(older))).toBe("same");
    expect(await keep(told(forged))).toBe("same");
    expect(await keep(told("AAAA"))).toBe("same");
    expect(await seq()).toBe(15);
  });

  it("is asked for whole after a gap", async () => {
    await keep(told(base));

    expect(await keep(told(gap))).toBe("gap");
    expect(await seq()).toBe(12);
    expect(await keep(told(whole))).toBe("kept");
    expect(await seq()).toBe(15);
  });

  it("is kept as a delta after the one before, and the phone says which it holds", async () => {
    await keep(told(base));
    expect(await holdingQuery(db, vectors.issuer)).toBe("&list=12");

    expect(await keep(told(delta))).toBe("kept");

    expect(await seq()).toBe(14);
    expect(await holdingQuery(db, vectors.issuer)).toBe("&list=14");
    expect(await db.read<string[]>("list_parts")).toHaveLength(2);
    await keep(told(whole));
    expect(await db.read<string[]>("list_parts")).toEqual([whole]);
  });

  it("of another issuer is none", async () => {
    await keepTrust(db, told(base), "lain.example");

    expect(await seq()).toBeNull();
  });
});

describe("a ring that arrives", () => {
  it("is refused when it is older or not vouched for, and the one held stays", async () => {
    const held = await db.read<string>("ring");
    const stranger = await newKeyPair();

    await expect(keep(told(null, await ringAt("2026-11-10T05:00:00.000Z")))).rejects.toThrow("older");
    await expect(keep(told(null, await ringAt("no date")))).rejects.toThrow(SignatureError);
    await expect(keep(told(null, await ringAt("2026-11-12T05:00:00.000Z", "active", stranger)))).rejects.toThrow(SignatureError);
    expect(await db.read<string>("ring")).toBe(held);
    expect(await holdingQuery(db, null)).toBe("");
  });

  it("takes the lists of a revoked key with it", async () => {
    await keep(told(base));

    expect(await keep(told(null, await ringAt("2026-11-12T05:00:00.000Z", "revoked")))).toBe("kept");

    expect(await seq()).toBeNull();
    expect(await holdingQuery(db, vectors.issuer)).toBe("&ring=version");
  });
});

/** What this phone gave away and what it took: the signed events rule, and after them the server's word. */

import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Lease } from "../core/lease";
import type { Ring, RingKey } from "../core/ring";
import { Database, type Decision, type QueuedEvent } from "../store/database";
import { record, unsentCount, type Signer } from "../store/queue";
import { dropOffer, heldLeases, isSignedFor, keepOffer, keepTaken, NotHeldError, offers, signedOf, type Give, type Taken } from "../store/transfers";
import { newSigner, ringKey } from "./signing";

const ISSUED = "2026-11-12T05:00:00.000Z";
const OFFICE_AT = "2026-11-12T06:00:00.000Z";
const LEASE: Lease = { uuid: "lease-1", cycle: "c", issued_at: ISSUED, not_after: "2026-11-19T05:00:00.000Z", rights: new Set(["r1", "r2", "r3"]) };
const TAKEN: Taken = {
  uuid: "made-1",
  giver: "7K3M9QXA",
  lease_kid: 4,
  cycle: "c",
  issued_at: ISSUED,
  not_after: LEASE.not_after,
  rights: ["r8", "r9"],
  families: [{ number: "1234567897", village: "6201011001", rights: [{ uuid: "r8", benefit: "b" }] }],
};
const OFFER = { dev: "8M4N0RYB", thumbprint: "00".repeat(32), challenge: "11".repeat(16) };

// Node has no locks; one tab needs none.
vi.stubGlobal("navigator", {});

function ringWhere(state: RingKey["state"], kid = TAKEN.lease_kid): Ring {
  const key = ringKey({ kid, purpose: "lease", point: new Uint8Array(65), state });
  return { issued_at: OFFICE_AT, keys: [key] };
}

let db: Database;
let signer: Signer;

beforeEach(async () => {
  db = new Database(`betang-${Math.random()}`);
  signer = await newSigner();
});

async function sign(type: string, lease: string | null, subjects: string[]): Promise<QueuedEvent> {
  return record(db, signer, { type, at_ms: Date.parse(OFFICE_AT), mono_ms: 0, lease, data: {}, subjects });
}

async function decide(seq: number, outcome: Decision["outcome"], code: string, at = "2026-11-12T07:00:00.000Z"): Promise<void> {
  const event_sha256 = (await db.queue.get(seq))?.payload_sha256 ?? "";
  await db.decisions.put({ number: 1 + (await db.decisions.count()), seq, event_sha256, outcome, code, sentence: "", do: "", at });
}

async function rightsHeld(of_office: Lease[] = [], office_at = OFFICE_AT, ring = ringWhere("active")): Promise<string[]> {
  return (await heldLeases(db, of_office, office_at, ring)).leases.flatMap(({ rights }) => [...rights]);
}

describe("a right that was given away", () => {
  it("is not delivered under that lease, whatever bundle comes later", async () => {
    await sign("lease.transferred", "lease-1", ["lease-1", OFFER.challenge, "r1", "r2"]);

    expect(await rightsHeld([LEASE])).toEqual(["r3"]);
    await expect(sign("benefit.delivered", "lease-1", ["r1", "h"])).rejects.toThrow(NotHeldError);
    await expect(sign("lease.transferred", "lease-1", ["lease-1", "22", "r2"])).rejects.toThrow(NotHeldError);
    expect(await db.queue.count()).toBe(1);
  });

  it("may come back under another lease", async () => {
    await sign("lease.transferred", "lease-1", ["lease-1", OFFER.challenge, "r1"]);
    const other = { ...LEASE, uuid: "lease-2", rights: new Set(["r1"]) };

    expect(await rightsHeld([other])).toEqual(["r1"]);
    await expect(sign("benefit.delivered", "lease-2", ["r1", "h"])).resolves.toMatchObject({ seq: 2 });
  });

  it("was not delivered here", async () => {
    await sign("benefit.delivered", "lease-1", ["r1", "h"]);

    await expect(sign("lease.transferred", "lease-1", ["lease-1", OFFER.challenge, "r1"])).rejects.toThrow(NotHeldError);
  });

  it("is found again by the challenge that was signed", async () => {
    await sign("lease.transferred", "lease-1", ["lease-1", "other", "r3"]);
    const row = await sign("lease.transferred", "lease-1", ["lease-1", OFFER.challenge, "r1"]);
    const give: Give = { offer: OFFER, at_ms: 0, family_count: 1, events: [], families: "", leases: [], acknowledged_at_ms: null };

    expect((await signedOf(db, give)).map(({ seq }) => seq)).toEqual([row.seq]);
  });
});

describe("a right that was taken", () => {
  it("is not held before its event is signed", async () => {
    await keepTaken(db, [TAKEN]);

    expect(await rightsHeld()).toEqual([]);
    expect(await isSignedFor(db, "made-1")).toBe(false);
  });

  it("is held from the signature on, until the server decides", async () => {
    await keepTaken(db, [TAKEN]);
    await keepTaken(db, [TAKEN]);
    const { seq } = await sign("lease.received", "made-1", ["made-1"]);

    expect(await rightsHeld()).toEqual(["r8", "r9"]);
    expect((await heldLeases(db, [], OFFICE_AT, ringWhere("active"))).families.get("1234567897")?.rights).toEqual([{ uuid: "r8", benefit: "b" }]);
    await decide(seq, "parked", "event.parked");
    expect(await rightsHeld()).toEqual(["r8", "r9"]);
  });

  it.each([
    ["refused", "transfer.nothing"],
    ["refused", "transfer.not_yours"],
    ["waiting", "transfer.giver_stopped"],
    ["accepted", "transfer.revoked"],
  ] as const)("is not held any more when it was %s (%s)", async (outcome, code) => {
    await keepTaken(db, [TAKEN]);
    const { seq } = await sign("lease.received", "made-1", ["made-1"]);

    await decide(seq, outcome, code);

    expect(await rightsHeld()).toEqual([]);
  });

  it.each([
    ["revoked", ringWhere("revoked")],
    ["that the ring knows no more", ringWhere("active", 5)],
  ])("is not held when its lease was signed by a key %s, and what was signed under it stays to be sent", async (_, ring) => {
    await keepTaken(db, [TAKEN]);
    await sign("lease.received", "made-1", ["made-1"]);
    await sign("benefit.delivered", "made-1", ["r8", "h"]);

    const held = await heldLeases(db, [], OFFICE_AT, ring);

    expect(held.leases).toEqual([]);
    expect(held.families.size).toBe(0);
    expect(await unsentCount(db)).toBe(2);
  });

  it("is not held where an older app kept no key's number, until the office signs for it", async () => {
    const { lease_kid: _, ...before } = TAKEN;
    await keepTaken(db, [before as Taken]);
    await sign("lease.received", "made-1", ["made-1"]);

    expect(await rightsHeld()).toEqual([]);
    expect(await rightsHeld([{ ...LEASE, uuid: "made-1", rights: new Set(["r9"]) }])).toEqual(["r9"]);
  });

  it("stays held while its key only signs no more, and comes back with a lease that the office signed anew", async () => {
    await keepTaken(db, [TAKEN]);
    await sign("lease.received", "made-1", ["made-1"]);
    const anew = { ...LEASE, uuid: "made-1", rights: new Set(["r8", "r9"]) };

    expect(await rightsHeld([], OFFICE_AT, ringWhere("retired"))).toEqual(["r8", "r9"]);
    expect(await rightsHeld([anew], OFFICE_AT, ringWhere("revoked"))).toEqual(["r8", "r9"]);
  });

  it("goes on after it was accepted, until a newer bundle says what is held", async () => {
    await keepTaken(db, [TAKEN]);
    const { seq } = await sign("lease.received", "made-1", ["made-1"]);
    await decide(seq, "accepted", "ok");

    expect(await rightsHeld()).toEqual(["r8", "r9"]);
    expect(await rightsHeld([], "2026-11-12T08:00:00.000Z")).toEqual([]);
    const signed = { ...LEASE, uuid: "made-1", rights: new Set(["r9"]) };
    expect(await rightsHeld([signed], "2026-11-12T08:00:00.000Z")).toEqual(["r9"]);
  });
});

it("an offer can be answered until it was, also when another was made since", async () => {
  await keepOffer(db, OFFER);
  await keepOffer(db, { ...OFFER, challenge: "22" });
  expect((await offers(db)).length).toBe(2);

  await dropOffer(db, OFFER);

  expect((await offers(db)).map(({ challenge }) => challenge)).toEqual(["22"]);
});

/** The PIN, the wipes and the end of a roster. On a real IndexedDB in memory. */

import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { newKeyPair } from "../core/es256";
import { Database, type Vault } from "../store/database";
import { endRoster, keepBundle, openRoster, rosterEndsMs, type Bundle } from "../store/roster";
import { createVault, rowName, unlock, wipe, wipeRoster, type OpenVault } from "../store/vault";
import { giveWebLocks } from "./web_locks";

const PIN = "271828";
const DAY_MS = 86_400_000;
const NOON_MS = Date.parse("2026-11-12T05:00:00.000Z");

giveWebLocks();

let db: Database;
let vault: OpenVault;

function bundle(leases: { not_after: string }[] = []): Bundle {
  const household = { uuid: "0190-family", number: "1234567897", head_name: "Sumiati", members: [] };
  return {
    version: "1", at: "", issuer: "", areas: [], programmes: [], cycles: [], benefits: [], owner_name: "Sari",
    leases: leases.map(({ not_after }) => ({ uuid: "l", jws: "", not_after })),
    households: [household as unknown as Bundle["households"][number]], entitlements: [], cards: [],
  };
}

async function opened(now_ms: number, pin = PIN): Promise<OpenVault> {
  const result = await unlock(db, pin, now_ms);
  if (result.kind !== "open") throw new Error(result.kind);
  return result.vault;
}

async function failures(count: number, now_ms = NOON_MS): Promise<void> {
  for (let wrong = 0; wrong < count; wrong++) await unlock(db, "000001", now_ms + wrong * 30 * DAY_MS);
}

beforeEach(async () => {
  db = new Database(`betang-${Math.random()}`);
  vault = await createVault(db, PIN, (await newKeyPair()).privateKey);
});

describe("a wrong PIN", () => {
  it("is counted though two tabs try at once", async () => {
    await Promise.all(["000001", "000002", "000003"].map((pin) => unlock(db, pin, NOON_MS)));

    expect((await db.read<Vault>("vault"))?.wrong_pins).toBe(3);
  });

  it("is counted before it is tried, so that an app that is killed in between has counted it", async () => {
    const derive = vi.spyOn(crypto.subtle, "deriveKey").mockRejectedValueOnce(new Error("killed"));
    await expect(unlock(db, "000001", NOON_MS)).rejects.toThrow("killed");
    derive.mockRestore();

    expect(await unlock(db, "000001", NOON_MS)).toMatchObject({ kind: "wrong", tries_left: 8 });
  });

  it("makes the phone wait also after a restart, and a clock turned back neither shortens nor lengthens it", async () => {
    await failures(5, NOON_MS);
    const last_ms = NOON_MS + 4 * 30 * DAY_MS;
    const again = new Database(db.name);

    expect(await unlock(again, PIN, last_ms + 1000)).toEqual({ kind: "wait", wait_ms: 29_000 });
    expect(await unlock(again, PIN, NOON_MS - 900 * DAY_MS)).toEqual({ kind: "wait", wait_ms: 30_000 });
    expect(await unlock(again, PIN, NOON_MS - 900 * DAY_MS + 29_000)).toEqual({ kind: "wait", wait_ms: 1000 });
    expect((await unlock(again, PIN, NOON_MS - 900 * DAY_MS + 30_000)).kind).toBe("open");
    again.close();
  });

  it("is forgotten after a right one", async () => {
    await failures(4);
    await opened(NOON_MS + 400 * DAY_MS);

    expect(await unlock(db, "000001", NOON_MS + 400 * DAY_MS)).toMatchObject({ kind: "wrong", tries_left: 9 });
  });
});

describe("a sealed row", () => {
  it("has a name that nobody can make without the roster's key", async () => {
    await keepBundle(db, vault, bundle(), NOON_MS);
    const other = await createVault(new Database("other"), PIN, (await newKeyPair()).privateKey);

    const names = (await db.roster.toCollection().primaryKeys()).filter((name) => name !== "owner");

    expect(names).toEqual([await rowName((await opened(NOON_MS)).index_key, "family:0190-family")]);
    expect(names).not.toContain(await rowName(other.index_key, "family:0190-family"));
  });
});

describe("the end of a roster", () => {
  it("comes with the longest lease, and without one a week after the last contact", () => {
    const leases = ["2026-11-14T05:00:00.000Z", "2026-12-02T05:00:00.000Z"].map((not_after) => ({ not_after, uuid: "", jws: "" }));

    expect(rosterEndsMs({ leases }, NOON_MS)).toBe(NOON_MS + 20 * DAY_MS);
    expect(rosterEndsMs({ leases: leases.slice(0, 1) }, NOON_MS)).toBe(NOON_MS + 7 * DAY_MS);
    expect(rosterEndsMs({ leases: [] }, NOON_MS)).toBe(NOON_MS + 7 * DAY_MS);
  });

  it("takes nothing before its time", async () => {
    await keepBundle(db, vault, bundle([{ not_after: "2026-11-30T05:00:00.000Z" }]), NOON_MS);

    expect(await endRoster(db, NOON_MS + 18 * DAY_MS)).toBe(false);
    expect((await openRoster(db, (await opened(NOON_MS)).roster_key)).families.size).toBe(1);
  });

  it("destroys the families and their key, not the key that signs, and the next bundle is sealed with a new one", async () => {
    await keepBundle(db, vault, bundle(), NOON_MS);
    const before = await db.read<Vault>("vault");
    await db.drafts.put({ key: "d", sealed: new Uint8Array(20) });

    expect(await endRoster(db, NOON_MS + 8 * DAY_MS)).toBe(true);

    expect([await db.roster.count(), await db.drafts.count()]).toEqual([0, 0]);
    expect(await db.read("office")).toBeUndefined();
    expect((await db.read<Vault>("vault"))?.roster_key).toBeNull();
    expect(await unlock(db, "000001", NOON_MS)).toMatchObject({ kind: "wrong" });
    const anew = await opened(NOON_MS);
    const after = await db.read<Vault>("vault");
    expect(after?.signing_key).toEqual(before?.signing_key);
    expect(after?.roster_key).not.toEqual(before?.roster_key);
    await keepBundle(db, anew, bundle(), NOON_MS);
    expect((await openRoster(db, (await opened(NOON_MS)).roster_key)).owner_name).toBe("Sari");
  });

  it("is nothing where there is no roster, and no way back where everything was wiped", async () => {
    expect(await endRoster(db, NOON_MS + 900 * DAY_MS)).toBe(false);
    await wipe(db);
    await wipeRoster(db);

    expect((await unlock(db, PIN, NOON_MS)).kind).toBe("wiped");
  });
});

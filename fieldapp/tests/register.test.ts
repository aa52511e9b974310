/** A family in no list: what may be typed, what the office is told, and that no number is used twice or invented. */

import "fake-indexeddb/auto";
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { fromUtf8 } from "../core/bytes";
import { familyNumberFault, isProvisional, nikFault } from "../core/identity";
import { readJws } from "../core/jws";
import { bornOf, likelyKnown, MEMBERS_MAX, missingOf, nothingTyped, told, type Typed } from "../screens/register";
import { Database } from "../store/database";
import { record, type Signer } from "../store/queue";
import type { Family } from "../store/roster";
import { freeNumbers, keepNumbers, numbersQuery } from "../store/registration";
import { newSigner } from "./signing";

vi.stubGlobal("navigator", { locks: { request: (_: string, work: () => Promise<unknown>) => work() } });

const TODAY = "2026-11-24";
const NIK = "6201015208900001";
const VECTORS = JSON.parse(readFileSync(new URL("../../vectors/identity.json", import.meta.url), "utf8")) as {
  niks: { text: string; fault: string | null }[];
  family_numbers: { text: string; fault: string | null }[];
  provisional: { text: string; good: boolean }[];
};

function typed(facts: Partial<Typed> = {}): Typed {
  return { ...nothingTyped([{ code: "6201011001" }]), head_name: "Nyai Undang", dwelling: "own", ...facts };
}

describe("numbers of papers", () => {
  it.each(VECTORS.niks)("says of NIK $text what the server says", ({ text, fault }) => {
    expect(nikFault(text)).toBe(fault);
  });

  it.each(VECTORS.family_numbers)("says of KK $text what the server says", ({ text, fault }) => {
    expect(familyNumberFault(text)).toBe(fault);
  });

  it.each(VECTORS.provisional)("knows $text as a provisional number: $good", ({ text, good }) => {
    expect(isProvisional(text)).toBe(good);
  });
});

describe("what is missing", () => {
  it.each<[string, Partial<Typed>, string]>([
    ["a village", { village: "" }, "desa"],
    ["a name", { head_name: " " }, "nama kepala"],
    ["how they live", { dwelling: null }, "tempat tinggal"],
    ["a landmark of a boat", { dwelling: "river" }, "titik acuan"],
    ["a landmark of a camp", { dwelling: "camp", anchor: " a " }, "titik acuan"],
    ["a landmark of no house", { dwelling: "none" }, "titik acuan"],
    ["the name of a member", { members: [{ name: "", relation: "", born: "", nik: "" }] }, "anggota ke-1"],
    ["a digit of a NIK", { head_nik: NIK.slice(1) }, "16 angka"],
    ["sense in a KK", { family_number: "62O1010107260001" }, "hanya angka"],
    ["a day of the calendar", { head_born: "31-2-1987" }, "Lahir Nyai Undang"],
    ["a size that fits", { size: "1", members: [{ name: "Itak", relation: "", born: "", nik: "" }] }, "kurang dari anggota"],
    ["a size in digits", { size: "x" }, "dengan angka"],
  ])("is %s", (_, facts, words) => {
    expect(missingOf(typed(facts), TODAY)).toContain(words);
  });

  it("is a NIK of its own for each", () => {
    const twice = typed({ head_nik: NIK, members: [{ name: "Itak", relation: "parent", born: "", nik: NIK }] });

    expect(missingOf(twice, TODAY)).toContain("NIK Itak sama");
  });

  it("is nothing for a family without any paper", () => {
    expect(missingOf(typed(), TODAY)).toBeNull();
    expect(missingOf(typed({ dwelling: "none", anchor: "Di bawah jembatan" }), TODAY)).toBeNull();
  });
});

it.each([
  ["", ""],
  ["1987", "1987"],
  [" 2-5-1987 ", "1987-05-02"],
  ["02/05/1987", "1987-05-02"],
  ["2.5.1987", "1987-05-02"],
  ["2027", null],
  ["25-11-2026", null],
  ["1987-05-02", null],
  ["kira-kira 1987", null],
])("reads the birth %j as %j", (text, expected) => {
  expect(bornOf(text, TODAY)).toBe(expected);
});

describe("a family that this phone knows", () => {
  const known = {
    household: { uuid: "h1", village: "6201011001", head_name: "UNDANG, Nyai", members: [{ name: "UNDANG, Nyai" }, { name: "Tingang" }] },
  } as unknown as Family;

  it.each([
    ["Nyai Undang", "6201011001", 1],
    ["tingang", "6201011001", 1],
    ["Nyai Undang", "6201011002", 0],
    ["Nyai", "6201011001", 0],
    ["", "6201011001", 0],
  ])("is found for %j of %s: %d", (head_name, village, count) => {
    expect(likelyKnown([known], { village, head_name })).toHaveLength(count);
  });
});

describe("what the office is told", () => {
  it("has names and numbers in the attachment alone", () => {
    const event = told(
      typed({
        head_nik: "6201 0152 0890 0001", dwelling: "river", anchor: "Dermaga", custodian_name: "Pak RT",
        members: [{ name: " Itak ", relation: "parent", born: "1951", nik: "" }],
      }),
      "S-6562-3076", { lat: -2.2, lng: 113.9, accuracy_m: 9 }, TODAY,
    );

    expect(event.data).toEqual({ provisional: "S-6562-3076", village: "6201011001", size: 2, dwelling: "river" });
    expect(event.personal).toMatchObject({
      head_name: "Nyai Undang", head_nik: NIK, anchor: "Dermaga", custodian_name: "Pak RT",
      members: [{ name: "Itak", relation: "parent", born: "1951" }],
      home: { lat: -2.2, lng: 113.9, accuracy_m: 9 },
    });
  });

  it("says no size that nobody told", () => {
    expect(told(typed(), "S-6562-3076", null, TODAY).data["size"]).toBeNull();
  });
});

describe("the pool", () => {
  let db: Database;
  let signer: Signer;

  beforeEach(async () => {
    db = new Database(`betang-${Math.random()}`);
    signer = await newSigner();
  });

  async function register(number: string, facts: Partial<Typed> = {}) {
    return record(db, signer, { ...told(typed(facts), number, null, TODAY), at_ms: 1_795_000_000_000, mono_ms: 0 });
  }

  it("is empty, and invents nothing, before the office leased a number", async () => {
    expect(await freeNumbers(db)).toEqual([]);
    expect(await numbersQuery(db)).toBe("");
  });

  it("does not give a number again that a record used, sent or not", async () => {
    await keepNumbers(db, { numbers_version: "v1", registration_numbers: ["S-6562-3076", "S-3124-6143"] });

    await register("S-6562-3076");

    expect(await freeNumbers(db)).toEqual(["S-3124-6143"]);
    expect(await numbersQuery(db)).toBe("&numbers=v1");
  });

  it("keeps what it holds when the server says that it is the same, or knows no numbers", async () => {
    await keepNumbers(db, { numbers_version: "v1", registration_numbers: ["S-6562-3076"] });

    await keepNumbers(db, { numbers_version: "v1", registration_numbers: null });
    await keepNumbers(db, {});

    expect(await freeNumbers(db)).toEqual(["S-6562-3076"]);
  });

  it("passes over an unsent number that a new answer still names", async () => {
    await keepNumbers(db, { numbers_version: "v1", registration_numbers: ["S-6562-3076"] });
    await register("S-6562-3076");

    await keepNumbers(db, { numbers_version: "v2", registration_numbers: ["S-6562-3076", "S-3124-6143"] });

    expect(await freeNumbers(db)).toEqual(["S-3124-6143"]);
  });

  it("signs no name and no NIK, and a full longhouse fits", async () => {
    const members = Array.from({ length: MEMBERS_MAX }, (_, n) => ({
      name: "N".repeat(100), relation: "parent_in_law" as const, born: "12-12-1951", nik: `62010112089000${10 + n}`,
    }));
    const row = await register("S-6562-3076", {
      members, head_nik: NIK, family_number: "6201010107260001", dwelling: "river", anchor: "A".repeat(200), note: "K".repeat(500),
      address: "B".repeat(200), custodian_name: "C".repeat(100), custodian_contact: "D".repeat(100),
    });

    const payload = fromUtf8(readJws(row.jws, "betang-event+jws").payload);
    expect(payload).not.toContain("Undang");
    expect(payload).not.toContain(NIK);
    expect(payload).toContain("S-6562-3076");
  });
});

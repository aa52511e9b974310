/** What the forms of the field refuse, and what they write down: the rules behind the screens. */

import { describe, expect, it } from "vitest";
import { NOT_DELIVERED_REASONS, LESS_REASONS, ASKED_BY } from "../screens/wording";
import { collectorSealed, headOf, missingOf, NOBODY, photosWanted } from "../screens/collecting";
import { progressOf } from "../screens/card_queue.svelte";
import { gradeOf, homePoint } from "../screens/home_point";
import { EMPTY_LEVY, levyData, wrongLevy } from "../screens/levy";
import { paperTime, today, wrongTime } from "../screens/paper";
import { numbersIn, wrongCount, type Counting } from "../screens/parcels";
import { practiceRow, practiceWorld } from "../screens/practice";
import { dataOf, receiptOf } from "../screens/receipt";
import { EMPTY_VISIT, visitData, wrongVisit } from "../screens/visit";
import { SOUNDS, VIBRATIONS } from "../device/signal";
import type { OpenRoster } from "../store/roster";

const NOON = Date.parse("2026-11-12T05:00:00.000Z");
const TODAY = "2026-11-12";
const NO_FAMILIES = { owner_name: "", days: [], families: new Map(), by_card: new Map() } as unknown as OpenRoster;

describe("who collects", () => {
  it("must be chosen, and a representative must have a name and a relation", () => {
    const letter = { ...NOBODY, kind: "representative" as const };

    expect(missingOf(NOBODY)).toContain("Pilih siapa");
    expect(missingOf({ ...NOBODY, kind: "member" })).toContain("Pilih anggota");
    expect(missingOf({ ...letter, name: "Ib" })).toContain("nama");
    expect(missingOf({ ...letter, name: "Ibu Ratna" })).toContain("hubungan");
    expect(missingOf({ ...letter, name: "Ibu Ratna", relation: "neighbour" })).toBeNull();
  });

  it("is sealed only of a representative, whatever was typed before another was chosen", () => {
    const typed = { ...NOBODY, name: "Ibu Ratna ", relation: "child", id: "1234" };

    expect(collectorSealed({ ...typed, kind: "head" })).toEqual({});
    expect(collectorSealed({ ...typed, kind: "representative" })).toEqual({
      collector_name: "Ibu Ratna",
      collector_relation: "child",
      collector_id: "1234",
    });
  });

  it("brings a letter and a face, or a face where the card asks for one", () => {
    const codes = (kind: "head" | "representative", card_asks: boolean): string[] =>
      photosWanted({ ...NOBODY, kind }, card_asks).map(({ code }) => code);

    expect(codes("representative", false)).toEqual(["letter", "person"]);
    expect(codes("head", true)).toEqual(["face"]);
    expect(codes("head", false)).toEqual([]);
  });

  it("is never a head who died", () => {
    const head = { uuid: "a", name: "A", last4: null, relation: "", head: true, presence: "deceased" as const };

    expect(headOf([head])).toBeNull();
    expect(headOf([{ ...head, presence: "alive" }])?.uuid).toBe("a");
  });
});

describe("a receipt on paper", () => {
  it.each([
    ["", "09:30"],
    ["2026-11-12", ""],
    ["2026-02-31x", "09:30"],
    ["kemarin", "pagi"],
  ])("has no time in %o, %o", (day, hour) => {
    expect(wrongTime(paperTime(day, hour), NOON)).toContain("Isi tanggal");
  });

  it("is read in the west of the country, whatever zone the phone is set to", () => {
    expect(paperTime("2026-11-12", "09:30")).toBe(Date.parse("2026-11-12T02:30:00.000Z"));
    expect(today(Date.parse("2026-11-11T17:30:00.000Z"))).toBe("2026-11-12");
  });

  it("is refused from tomorrow and from another year, and taken from the day before", () => {
    expect(wrongTime(paperTime("2026-11-13", "09:30"), NOON)).toContain("belum tiba");
    expect(wrongTime(paperTime("2025-11-12", "09:30"), NOON)).toContain("empat bulan");
    expect(wrongTime(paperTime("2026-11-11", "09:30"), NOON)).toBeNull();
  });
});

describe("a visit", () => {
  it("needs what its outcome asks for, and no more", () => {
    const wrong = (draft: object): string | null => wrongVisit({ ...EMPTY_VISIT, ...draft }, TODAY);

    expect(wrong({})).toContain("hasil");
    expect(wrong({ outcome: "found" })).toBeNull();
    expect(wrong({ outcome: "moved" })).toContain("siapa");
    expect(wrong({ outcome: "moved", member: "" })).toContain("ke mana");
    expect(wrong({ outcome: "moved", member: "", to: "near" })).toContain("desanya");
    expect(wrong({ outcome: "moved", member: "", to: "outside" })).toContain("nama tempat");
    expect(wrong({ outcome: "moved", member: "", to: "unknown" })).toBeNull();
    expect(wrong({ outcome: "deceased", member: "a", successor: "", on: "2026-11-13" })).toContain("belum tiba");
    expect(wrong({ outcome: "deceased", member: "a" })).toContain("seterusnya");
    expect(wrong({ outcome: "deceased", member: "a", successor: "" })).toBeNull();
  });

  it("signs codes and seals names of places", () => {
    const moved = visitData({ ...EMPTY_VISIT, outcome: "moved", member: "", to: "outside", moved_to: " Banjarmasin ", note: "" });

    expect(moved.data).toEqual({ outcome: "moved", member: null, left_province: true });
    expect(moved.personal).toEqual({ note: "", moved_to: "Banjarmasin" });
  });

  it("forgets who had died when another outcome was chosen after all", () => {
    const { data } = visitData({ ...EMPTY_VISIT, outcome: "found", member: "a", successor: "b", on: TODAY });

    expect(data).toEqual({ outcome: "found", member: null });
  });
});

describe("a parcel of cards", () => {
  const parcel = { uuid: "p", sent_at: "", count: 3, numbers: ["62000000000101", "62000000000201", "62000000000301"] };
  const counting = (facts: Partial<Counting>): Counting => ({ counted: 3, missing: [], extra: "", reason: null, ...facts });

  it.each([
    [{ counted: null }, "Isi berapa"],
    [{ counted: -1 }, "Isi berapa"],
    [{ counted: 2 }, "seharusnya 3"],
    [{ counted: 3, missing: ["62000000000101"] }, "seharusnya 2"],
    [{ counted: 2, missing: ["62000000000101"] }, "Pilih sebab"],
    [{ counted: 4, extra: "6200000000" }, "bukan nomor"],
    [{ counted: 4, extra: "62 0000 0000 02 01" }, "bukan nomor"],
  ])("that does not make up is told: %o", (facts, words) => {
    expect(wrongCount(parcel, counting(facts))).toContain(words);
  });

  it("makes up when it is whole, or when every difference is named", () => {
    expect(wrongCount(parcel, counting({}))).toBeNull();
    const named = counting({ counted: 3, missing: ["62000000000101"], extra: "62 0000 0000 09 01", reason: "not_packed" });
    expect(wrongCount(parcel, named)).toBeNull();
    expect(numbersIn("62 0000 0000 09 01\n\n62000000001001;")).toEqual(["62000000000901", "62000000001001"]);
  });

  it("is counted card by card as they are handed over", () => {
    expect(progressOf(["a", "b", "c"], new Set(["a"]))).toEqual({ done: 1, total: 3 });
  });
});

describe("a levy", () => {
  it("may be known in part, but not in nonsense", () => {
    expect(wrongLevy(EMPTY_LEVY, TODAY)).toContain("Pilih siapa");
    expect(wrongLevy({ ...EMPTY_LEVY, asked_by: "unknown" }, TODAY)).toBeNull();
    expect(wrongLevy({ ...EMPTY_LEVY, asked_by: "unknown", amount: 0.5 }, TODAY)).toContain("angka");
    expect(wrongLevy({ ...EMPTY_LEVY, asked_by: "unknown", on: "2026-11-13" }, TODAY)).toContain("belum tiba");
    expect(levyData({ ...EMPTY_LEVY, amount: 50_000, asked_by: "neighbourhood" })).toEqual({
      amount_rupiah: 50_000,
      asked_by: "neighbourhood",
      on: null,
    });
  });
});

describe("a home point", () => {
  it("is graded as the office does", () => {
    expect([8, 20, 21, 100, 101, 0, null].map(gradeOf)).toEqual(["good", "good", "fair", "fair", "poor", "poor", "poor"]);
  });

  it("is wanted where nobody stood at the home and none is known", () => {
    const point = { lat: -2.2, lng: 113.9, accuracy_m: 9 };

    expect(homePoint(true, point, false)).toBe("taken");
    expect(homePoint(true, null, false)).toBe("none");
    expect(homePoint(false, point, true)).toBe("known");
  });
});

describe("a verdict without looking", () => {
  it("has a sound and a vibration of its own for each colour", () => {
    const sounds = Object.values(SOUNDS).map((sound) => JSON.stringify(sound));
    const vibrations = Object.values(VIBRATIONS).map((pattern) => pattern.join());

    expect(new Set(sounds).size).toBe(3);
    expect(new Set(vibrations).size).toBe(3);
  });
});

describe("codes", () => {
  it("are those that the server reads", () => {
    const codes = (options: readonly { code: string }[]): string[] => options.map(({ code }) => code).sort();

    expect(codes(NOT_DELIVERED_REASONS)).toEqual(["family_refused", "goods_damaged", "goods_gone", "other", "unsafe", "wrong_person"]);
    expect(codes(LESS_REASONS)).toEqual(["asked_less", "damaged", "other", "stock_short"]);
    expect(codes(ASKED_BY)).toEqual(["agent", "companion", "neighbourhood", "other", "seller", "unknown", "village_officer"]);
  });
});

describe("a practice", () => {
  const world = practiceWorld(NOON, NO_FAMILIES, "Sari");

  it("has a card for each lesson, none of them a card of the programme", () => {
    expect(world.cards.length).toBeGreaterThan(5);
    expect(new Set(world.cards.map(({ number }) => number)).size).toBe(world.cards.length);
    for (const { number } of world.cards) expect(number.startsWith("6200000000")).toBe(true);
  });

  it("makes a record that is signed by nobody, from which a receipt is read", () => {
    const [family] = world.roster.families.values();
    const right = family?.entitlements[0]?.uuid ?? "";
    const told = { entitlement: right, goods: [{ item: "beras", quantity: 4, unit: "kg" }] };
    const row = practiceRow({ type: "benefit.delivered", lease: null, subjects: [right, family?.household.uuid ?? ""], data: told }, 1, NOON);

    const receipt = receiptOf(row, dataOf(row), world.roster, world.office);

    expect(row.jws.endsWith(".")).toBe(true);
    expect(receipt).toMatchObject({ name: "Ibu Latihan Satu", benefit: "Paket latihan", lines: ["Beras 4 kg"], typed_at: null });
  });

  it("reads a paper's own day on a receipt, and says when it was typed", () => {
    const row = practiceRow({ type: "benefit.delivered", lease: null, subjects: [], data: { paper_at: "2026-11-10T02:30:00.000Z" } }, 1, NOON);

    const receipt = receiptOf(row, dataOf(row), world.roster, world.office);

    expect(receipt.at).toContain("10 November 2026, 09.30 WIB");
    expect(receipt.typed_at).toContain("12 November 2026, 12.00 WIB");
  });
});

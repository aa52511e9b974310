/** The day at a point: the queue as this phone knows it. */

import { describe, expect, it } from "vitest";
import { daysToShow, phasesOf, standingOf } from "../screens/day";
import { aidOf } from "../screens/villages";
import type { QueuedEvent } from "../store/database";
import type { DistributionDay, Entitlement, Family, OpenRoster } from "../store/roster";

const NOON = Date.parse("2026-11-12T05:00:00Z");

function right(facts: Partial<Entitlement> = {}): Entitlement {
  return { uuid: "r1", household: "h1", cycle: "c1", benefit: "b", parts_allowed: 1, parts_delivered: 0, state: "open", ...facts };
}

function family(uuid: string, entitlements: Entitlement[]): Family {
  const unknown = { rt: null, rw: null, address: null, dwelling: null, anchor: null, home: null };
  return { household: { uuid, number: "1", village: "v", head_name: uuid, members: [], ...unknown }, entitlements, cards: [] };
}

function roster(...families: Family[]): OpenRoster {
  return { owner_name: "", days: [], families: new Map(families.map((one) => [one.household.uuid, one])), by_card: new Map() };
}

function day(facts: Partial<DistributionDay> = {}): DistributionDay {
  const point = { uuid: "p", name: "Balai", village: "v", lat: null, lng: null };
  const invitations = [
    { household: "h2", queue: 2, slot: "09:30", mode: "point" as const },
    { household: "h1", queue: 1, slot: "09:00", mode: "point" as const },
    { household: "h3", queue: 3, slot: "09:30", mode: "home" as const },
  ];
  return { uuid: "d", point, cycle: "c1", date: "2026-11-12", opens: "08:00", closes: "12:00", state: "planned", invitations, ...facts };
}

function record(type: string, subject: string): QueuedEvent {
  return { seq: 1, id: "e", type, at: "", jws: "", payload_sha256: "", subjects: [subject, ""], state: "kept" };
}

describe("the queue of a day", () => {
  it("does not call a family served that this phone knows nothing of", () => {
    const standing = standingOf(day(), roster(), new Map());

    expect([standing.served, standing.waiting.length, standing.next]).toEqual([0, 2, null]);
  });

  it("does not call a family served for a right of another cycle, or one of two parts", () => {
    const other = family("h1", [right({ cycle: "c0", state: "delivered" })]);
    const half = family("h2", [right({ uuid: "r2", parts_allowed: 2, parts_delivered: 1 })]);

    expect(standingOf(day(), roster(other, half), new Map()).served).toBe(0);
  });

  it("does not answer for a family that another phone served", () => {
    const standing = standingOf(day(), roster(family("h1", [right({ state: "delivered" })])), new Map());

    expect([standing.served, standing.served_here]).toEqual([1, 0]);
  });

  it("calls the lowest number that waits at the point, and passes over those at home", () => {
    const everyone = roster(family("h1", [right()]), family("h2", [right({ uuid: "r2" })]), family("h3", [right({ uuid: "r3" })]));

    const before = standingOf(day(), everyone, new Map());
    const after = standingOf(day(), everyone, new Map([["r1", [record("benefit.delivered", "r1")]]]));

    expect([before.next?.queue, after.next?.queue]).toEqual([1, 2]);
    expect([before.served_here, after.served_here]).toEqual([0, 1]);
    expect([after.served, after.waiting.length, after.at_home.length]).toEqual([1, 1, 1]);
  });
});

describe("which days are shown", () => {
  it("leaves out a day that is over, unless it was opened and never closed", () => {
    const past = day({ uuid: "past", date: "2026-11-11" });
    const left_open = day({ uuid: "open", date: "2026-11-10" });
    const next = day({ uuid: "next", date: "2026-11-13" });

    const shown = daysToShow([next, past, left_open, day()], phasesOf([record("day.opened", "open")]), NOON);

    expect(shown.map(({ uuid }) => uuid)).toEqual(["open", "d", "next"]);
  });

  it("goes by the clock of the west of the country: its midnight is 17.00 UTC", () => {
    const tomorrow = Date.parse("2026-11-12T17:00:00Z");

    expect(daysToShow([day()], new Map(), tomorrow)).toEqual([]);
  });

  it("stays closed once this phone closed it, whatever the server still says", () => {
    expect(phasesOf([record("day.opened", "d"), record("day.closed", "d"), record("day.opened", "d")]).get("d")).toBe("closed");
  });
});

describe("the aid of a family", () => {
  const none = new Map<string, QueuedEvent[]>();

  it("is not taken for fetched where this phone may not deliver it", () => {
    expect(aidOf([right()], 0, none)).toBe("elsewhere");
    expect(aidOf([right({ parts_allowed: 2, parts_delivered: 1 })], 0, none)).toBe("elsewhere");
  });

  it("is due, fetched or none", () => {
    expect(aidOf([right()], 1, none)).toBe("due");
    expect(aidOf([right({ state: "delivered" })], 0, none)).toBe("taken");
    expect(aidOf([right()], 0, new Map([["r1", [record("benefit.delivered", "r1")]]]))).toBe("taken");
    expect(aidOf([right({ state: "cancelled" })], 0, none)).toBe("none");
  });
});

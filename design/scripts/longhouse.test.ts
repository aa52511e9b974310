import { describe, expect, it } from "vitest";
import { drawn, ROOM, told, total, village } from "./longhouse.ts";
import type { Row } from "./keeper.ts";

const NOW = Date.parse("2026-11-12T05:00:00Z");
const row = (...rest: (number | string | null)[]): Row => [6203011001, ...rest] as Row;

describe("a cell", () => {
  it("is unknown where nothing is known, which is not zero", () => {
    expect(drawn(village(row(null, null, null, null, null, null, null, 0, null)), NOW).state).toBe("unknown");
    expect(drawn(village(row(0, 0, 0, 0, 0, 0, 0, 0, null)), NOW).state).toBe("nothing");
  });

  it("shows the first family and is never full before the last", () => {
    const seen = (served: number) => drawn(village(row(2000, 0, 2000, served, 0, 0, 0, 0, null)), NOW).second;
    expect(seen(0)).toBe(0);
    expect(seen(1)).toBeGreaterThan(0.5);
    expect(seen(1999)).toBeLessThan(ROOM);
    expect(seen(2000)).toBe(ROOM);
  });

  it("is old, and hatched, when a phone with rights was silent for a day", () => {
    const heard = (at: string) => drawn(village(row(10, 10, 10, 4, 0, 0, 0, 6, at)), NOW);
    expect(heard("2026-11-12T04:00:00Z")).toMatchObject({ old: false, told: 0 });
    expect(heard("2026-11-10T04:00:00Z").old).toBe(true);
    expect(heard("2026-11-10T04:00:00Z").told).toBeGreaterThan(0);
  });

  it("is marked while a delivery is contested", () => {
    expect(drawn(village(row(10, 10, 10, 4, 1, 0, 0, 0, null)), NOW).alarm).toBe(true);
  });

  it("says in words what it shows", () => {
    const lines = told("Desa Riam", village(row(10, 8, 10, 4, 0, 10, 9, 0, null)));
    expect(lines).toEqual([
      "Desa Riam",
      "Bantuan diserahkan: 4 dari 10 (40,0 %)",
      "Kartu diserahkan: 8 dari 10",
      "Dibayar ke rekening: 9 dari 10",
    ]);
  });
});

describe("a sum", () => {
  it("keeps the unknown unknown, and counts the rest", () => {
    const known = village(row(1, 1, 2, 1, 0, 0, 0, 0, null));
    const unknown = village(row(null, null, null, null, null, null, null, 0, null));
    expect(total([unknown]).served).toBeNull();
    expect(total([known, unknown]).served).toBe(1);
    expect(total([]).due).toBeNull();
  });
});

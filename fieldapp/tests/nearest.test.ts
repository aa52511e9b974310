/** Distance, direction, and the order of homes. */

import { describe, expect, it } from "vitest";
import { eighthOf, metresBetween, offset } from "../core/geo";
import type { Family, Household } from "../store/roster";
import { nearest, way } from "../screens/nearest";

const HERE = { lat: -2.2083, lng: 113.916 };
const NORTH_KM = 1 / 111.195;

function family(head_name: string, home: { lat: number; lng: number } | null): Family {
  const household = { uuid: head_name, head_name, home: home && { ...home, accuracy_m: 5, grade: null } } as Household;
  return { household, cards: [], entitlements: [] };
}

describe("the ground", () => {
  it("is measured as the geodesic is, to half a hundredth, over the province's distances", () => {
    // Palangka Raya to Pulang Pisau: 70,433 m on the ellipsoid (WGS 84, by Vincenty's formula).
    const metres = metresBetween({ lat: -2.2083, lng: 113.916 }, { lat: -2.7442, lng: 114.2583 });
    expect(Math.abs(metres / 70_433 - 1)).toBeLessThan(0.005);
  });

  it.each([
    [1, 0, 0], [1, 1, 1], [0, 1, 2], [-1, 1, 3], [-1, 0, 4], [-1, -1, 5], [0, -1, 6], [1, -1, 7],
  ])("has eight directions: %d north, %d east", (north, east, eighth) => {
    expect(eighthOf(HERE, { lat: HERE.lat + north / 100, lng: HERE.lng + east / 100 })).toBe(eighth);
  });

  it("lies to the east and north as told", () => {
    const { east_m, north_m } = offset(HERE, { lat: HERE.lat + NORTH_KM, lng: HERE.lng });
    expect(Math.round(north_m)).toBe(1000);
    expect(east_m).toBe(0);
  });
});

describe("families nearby", () => {
  it("come nearest first, and last, by name, who has no home point", () => {
    const far = family("Far", { lat: HERE.lat + 3 * NORTH_KM, lng: HERE.lng });
    const close = family("Close", { lat: HERE.lat, lng: HERE.lng + 0.001 });
    const order = nearest([family("Zaini", null), far, family("Adun", null), close], HERE);
    expect(order.map(({ household }) => household.head_name)).toEqual(["Close", "Far", "Adun", "Zaini"]);
  });

  it.each([
    [0.01, "di sini"], [0.35, "350 m ke utara"], [0.9949, "990 m ke utara"], [2.44, "2,4 km ke utara"], [12, "12 km ke utara"],
  ])("are told in words: %d km", (km, told) => {
    expect(way(HERE, { lat: HERE.lat + km * NORTH_KM, lng: HERE.lng })).toBe(told);
  });
});

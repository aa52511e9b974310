/** Whose home is near: distance and direction, for who walks from house to house without a signal. */

import { eighthOf, metresBetween, type Place } from "../core/geo";
import type { Family } from "../store/roster";
import { BY_NAME, number } from "./wording";

const DIRECTIONS = ["utara", "timur laut", "timur", "tenggara", "selatan", "barat daya", "barat", "barat laut"] as const;
/** Nearer than what a phone knows of itself: a direction would be a guess. */
const HERE_M = 20;

/** This will order families by how near their home is; those without a home point come last, by name. */
export function nearest(families: readonly Family[], here: Place): Family[] {
  const metres = new Map(families.map((family) => [family, family.household.home && metresBetween(here, family.household.home)]));
  const far = (family: Family): number => metres.get(family) ?? Number.MAX_VALUE;
  return [...families].sort((a, b) => far(a) - far(b) || BY_NAME.compare(a.household.head_name, b.household.head_name));
}

/** This will say how far and which way: "350 m ke timur laut", "2,4 km ke barat". */
export function way(here: Place, home: Place): string {
  const metres = metresBetween(here, home);
  if (metres < HERE_M) return "di sini";
  const far = metres < 995 ? `${number(Math.round(metres / 10) * 10)} m` : `${number(Math.round(metres / 100) / 10)} km`;
  return `${far} ke ${DIRECTIONS[eighthOf(here, home)] ?? "sana"}`;
}

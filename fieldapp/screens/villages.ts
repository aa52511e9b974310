/** The villages of this phone's work: how many families are due in each, and how many were served. */

import type { Lease } from "../core/lease";
import type { QueuedEvent } from "../store/database";
import type { Entitlement, Office, OpenRoster } from "../store/roster";
import { BY_NAME } from "./wording";

export interface VillageRow {
  readonly code: string;
  readonly name: string;
  readonly served: number;
  readonly total: number;
}

/** This will count, village by village, the families with a leased right and those with none left to deliver. */
export function villages(
  roster: OpenRoster,
  office: Office | null,
  leases: readonly Lease[],
  served: ReadonlyMap<string, QueuedEvent[]>,
): VillageRow[] {
  const rows = new Map<string, VillageRow>();
  for (const { household, entitlements } of roster.families.values()) {
    const rights = entitlements.filter((right) => leases.some((lease) => lease.rights.has(right.uuid)));
    if (rights.length === 0) continue;
    const done = isDone(rights, served);
    const row = rows.get(household.village);
    const name = office?.areas.find((area) => area.code === household.village)?.name ?? household.village;
    rows.set(household.village, {
      code: household.village,
      name,
      served: (row?.served ?? 0) + (done ? 1 : 0),
      total: (row?.total ?? 0) + 1,
    });
  }
  return [...rows.values()].sort((a, b) => BY_NAME.compare(a.name, b.name));
}

/** This will say whether nothing of these rights is left to deliver, as far as this phone knows. */
export function isDone(rights: readonly Entitlement[], served: ReadonlyMap<string, QueuedEvent[]>): boolean {
  return rights.every((right) => {
    const parts = Math.max(right.parts_delivered, served.get(right.uuid)?.length ?? 0);
    return right.state === "delivered" || parts >= right.parts_allowed;
  });
}

export type Aid = "due" | "taken" | "elsewhere" | "none";

/** This will say how a family's aid stands on this phone; what it may not deliver now is not taken for delivered. */
export function aidOf(rights: readonly Entitlement[], due: number, served: ReadonlyMap<string, QueuedEvent[]>): Aid {
  if (due > 0) return "due";
  const alive = rights.filter(({ state }) => state !== "cancelled");
  if (alive.length === 0) return "none";
  return isDone(alive.filter(({ state }) => state !== "paid"), served) ? "taken" : "elsewhere";
}

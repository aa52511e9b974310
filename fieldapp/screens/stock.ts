/** What a village's families are still owed in goods, and what was handed out from this phone: for counting a stack. */

import type { Lease } from "../core/lease";
import type { Goods, Office, OpenRoster } from "../store/roster";
import { villages } from "./villages";

export interface GoodsDue extends Goods {
  /** For all families of the village that this phone may serve, served ones among them. */
  readonly quantity: number;
}

/** This will give the villages where this phone has something to hand out, by name. */
export function villagesWithGoods(roster: OpenRoster, office: Office | null, leases: readonly Lease[]): { code: string; name: string }[] {
  return villages(roster, office, leases, new Map()).map(({ code, name }) => ({ code, name }));
}

/** This will add up what the leased rights of one village need, by kind of goods. */
export function goodsOf(village: string, roster: OpenRoster, office: Office | null, leases: readonly Lease[]): GoodsDue[] {
  const due = new Map<string, GoodsDue>();
  for (const { household, entitlements } of roster.families.values()) {
    if (household.village !== village) continue;
    for (const right of entitlements) {
      if (!leases.some((lease) => lease.rights.has(right.uuid))) continue;
      for (const { item, unit, quantity } of office?.benefits.find(({ uuid }) => uuid === right.benefit)?.goods ?? []) {
        const key = `${item}/${unit}`;
        due.set(key, { item, unit, quantity: (due.get(key)?.quantity ?? 0) + quantity * right.parts_allowed });
      }
    }
  }
  return [...due.values()];
}

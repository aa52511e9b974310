/** What the phone tells of itself at the end of a round: versions, counts, ages (device.md, section 12). */

import type { Report } from "../core/dpop";
import { keptRing } from "../core/ring";
import { APP_VERSION } from "../device/version";
import type { Database } from "../store/database";
import type { Office } from "../store/roster";
import { heldList } from "./trust";

/** Chromium has it, others do not. */
interface Battery {
  readonly level: number;
}

/** This will put the report together; what is not known is left out. */
export async function reportOf(db: Database, now_ms: number): Promise<Report> {
  const unsent = await db.queue.where("state").anyOf("kept", "held", "refused").primaryKeys();
  const told: { -readonly [Name in keyof Report]: Report[Name] } = {
    app: APP_VERSION,
    kind: "phone",
    unsent: unsent.length,
  };
  const age_s = (then_ms: number): number => Math.max(0, Math.floor((now_ms - then_ms) / 1000));
  const oldest = unsent.length > 0 ? await db.queue.get(unsent.reduce((a, b) => Math.min(a, b))) : undefined;
  if (oldest) told.oldest_s = age_s(Date.parse(oldest.at));
  const text = await db.read<string>("ring");
  if (text !== undefined) {
    const ring = keptRing(text);
    told.ring_s = age_s(Date.parse(ring.issued_at));
    const list = await heldList(db, ring, (await db.read<Office>("office"))?.issuer ?? null);
    if (list) {
      told.list = list.seq;
      told.list_s = age_s(list.issued_at_ms);
    }
  }
  const kept_at_ms = await db.read<number>("bundle_kept_at_ms");
  if (kept_at_ms !== undefined) told.roster_s = age_s(kept_at_ms);
  if ("storage" in navigator) told.persisted = await navigator.storage.persisted();
  const battery = await batteryPercent();
  if (battery !== null) told.battery = battery;
  return told;
}

async function batteryPercent(): Promise<number | null> {
  if (!("getBattery" in navigator)) return null;
  try {
    const battery = await (navigator as Navigator & { getBattery(): Promise<Battery> }).getBattery();
    return Math.round(battery.level * 100);
  } catch {
    return null; // a policy of the browser forbids to ask
  }
}

/** The villages of the longhouse: what is known of each, and how its cell is drawn. */
import { age, number, share } from "./words.ts";
import type { Row } from "./keeper.ts";

/** The height of a cell's room in the drawing's own units (see `web/monitoring/longhouse.py`). */
export const ROOM = 20;
/** Where the floor lies, from the top of the cell. */
export const FLOOR = 21;
/** A phone that was silent for longer makes what we know of its village old. */
export const OLD_AFTER_MS = 24 * 3_600_000;

export interface Village {
  code: number;
  issued: number | null;
  handedOver: number | null;
  due: number | null;
  served: number | null;
  contested: number | null;
  bankDue: number | null;
  paid: number | null;
  onPhones: number;
  heardAt: string | null;
}

export function village(row: Row): Village {
  const figure = (at: number): number | null => (typeof row[at] === "number" ? row[at] : null);
  return {
    code: row[0],
    issued: figure(1),
    handedOver: figure(2),
    due: figure(3),
    served: figure(4),
    contested: figure(5),
    bankDue: figure(6),
    paid: figure(7),
    onPhones: figure(8) ?? 0,
    heardAt: typeof row[9] === "string" ? row[9] : null,
  };
}

export interface Drawn {
  state: "unknown" | "nothing" | "known";
  first: number;
  second: number;
  told: number;
  old: boolean;
  alarm: boolean;
}

function height(part: number | null, whole: number | null): number {
  if (!part || !whole) return 0;
  // At least a line for the first family, and never full before the last.
  return Math.min(part < whole ? ROOM - 0.6 : ROOM, Math.max(0.8, (part / whole) * ROOM));
}

export function drawn(seen: Village, now: number = Date.now()): Drawn {
  const second = height(seen.served, seen.due);
  const waiting = Math.min(seen.onPhones, Math.max(0, (seen.due ?? 0) - (seen.served ?? 0)));
  const known = seen.due !== null || seen.issued !== null;
  const nothing = known && !seen.due && !seen.issued;
  const old = waiting > 0 && seen.heardAt !== null && now - Date.parse(seen.heardAt) > OLD_AFTER_MS;
  return {
    state: known ? (nothing ? "nothing" : "known") : "unknown",
    first: height(seen.handedOver, seen.issued),
    second,
    told: old ? height(waiting, seen.due) : 0,
    old,
    alarm: (seen.contested ?? 0) > 0,
  };
}

/** What a cell says when it is pointed at. */
export function told(name: string, seen: Village): string[] {
  const lines = [name];
  if (seen.due === null && seen.issued === null) return [...lines, "Belum ada data untuk desa ini."];
  lines.push(`Bantuan diserahkan: ${number(seen.served)} dari ${number(seen.due)} (${share(seen.served, seen.due)})`);
  lines.push(`Kartu diserahkan: ${number(seen.handedOver)} dari ${number(seen.issued)}`);
  if (seen.bankDue) lines.push(`Dibayar ke rekening: ${number(seen.paid)} dari ${number(seen.bankDue)}`);
  if (seen.contested) lines.push(`Disengketakan: ${number(seen.contested)}`);
  if (seen.onPhones) {
    const since = seen.heardAt ? `, kabar terakhir ${age(seen.heardAt)} lalu` : "";
    lines.push(`Pada gawai luring: ${number(seen.onPhones)}${since}`);
  }
  return lines;
}

export type Figures = Pick<
  Village,
  "issued" | "handedOver" | "due" | "served" | "contested" | "bankDue" | "paid"
>;

const FIGURES = ["issued", "handedOver", "due", "served", "contested", "bankDue", "paid"] as const;

/** Sum villages; what is unknown of all of them stays unknown. */
export function total(villages: Iterable<Village>): Figures {
  const sum: Figures = {
    issued: null, handedOver: null, due: null, served: null, contested: null, bankDue: null, paid: null,
  };
  for (const each of villages) {
    for (const name of FIGURES) {
      const value = each[name];
      if (value !== null) sum[name] = (sum[name] ?? 0) + value;
    }
  }
  return sum;
}

/** What a visit found: what must be told, and how it is written down. */

import { portraitMark } from "../core/portrait";
import { NO_CONSENT } from "./collecting";
import type { VISIT_OUTCOMES } from "./wording";

export const MOVED_TO = [
  { code: "near", name: "Desa lain di wilayah tugas saya" },
  { code: "province", name: "Tempat lain di Kalimantan Tengah" },
  { code: "outside", name: "Luar Kalimantan Tengah" },
  { code: "unknown", name: "Tidak diketahui" },
] as const;

export interface VisitDraft {
  outcome: (typeof VISIT_OUTCOMES)[number]["code"] | null;
  /** Null: not chosen; empty: the whole family. */
  member: string | null;
  to: (typeof MOVED_TO)[number]["code"] | null;
  to_village: string | null;
  moved_to: string;
  /** A day, `2026-11-12`; empty where nobody knows it. */
  on: string;
  /** Null: not chosen; empty: nobody yet. */
  successor: string | null;
  note: string;
  /** The family agreed that its photo is kept. */
  consent: boolean;
}

export const EMPTY_VISIT: VisitDraft = {
  outcome: null, member: null, to: null, to_village: null, moved_to: "", on: "", successor: null, note: "", consent: false,
};

/** This will say what is still missing or cannot be, or null. `today` as `2026-11-12`. */
export function wrongVisit(draft: VisitDraft, today: string, photographed = false): string | null {
  const { outcome, member, to, to_village, moved_to, on, successor } = draft;
  if (outcome === null) return "Pilih hasil kunjungan.";
  if (outcome === "moved" || outcome === "deceased") {
    if (member === null) return "Pilih siapa.";
  }
  if (outcome === "moved") {
    if (to === null) return "Pilih ke mana pindahnya.";
    if (to === "near" && to_village === null) return "Pilih desanya.";
    if ((to === "province" || to === "outside") && moved_to.trim().length < 3) return "Tulis nama tempatnya.";
  }
  if (outcome === "deceased") {
    if (on > today) return "Tanggal meninggal belum tiba. Periksa lagi tanggalnya.";
    if (successor === null) return "Pilih siapa yang mengambil bantuan seterusnya.";
  }
  return outcome === "found" && photographed && !draft.consent ? NO_CONSENT : null;
}

/** This will part what a visit tells into what is signed and what is sealed. */
export function visitData(draft: VisitDraft, photographed = false): { data: Record<string, unknown>; personal: Record<string, unknown> } {
  const { outcome, member, to, to_village, moved_to, on, successor, note } = draft;
  const data: Record<string, unknown> = { outcome, member: member || null };
  const personal: Record<string, unknown> = { note: note.trim() };
  if (outcome === "moved") {
    if (to === "near") data["to_village"] = to_village;
    else personal["moved_to"] = moved_to.trim();
    data["left_province"] = to === "outside";
  } else if (outcome === "deceased") {
    data["on"] = on || null;
    data["successor"] = successor || null;
  } else {
    data["member"] = null;
  }
  if (outcome === "found" && photographed) data["portrait"] = portraitMark(0, draft.consent);
  return { data, personal };
}

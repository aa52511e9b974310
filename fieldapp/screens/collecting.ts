/** Who collects, and what is still missing before it can be written down. */

import type { Member } from "../store/roster";

export type CollectorKind = "head" | "member" | "representative";

export interface Collected {
  kind: CollectorKind | null;
  member: string | null;
  /** Of who comes with a letter. */
  name: string;
  relation: string | null;
  /** A short number of who comes with a letter, if one is told: the end of a KTP, a SIM. */
  id: string;
}

export const NOBODY: Collected = { kind: null, member: null, name: "", relation: null, id: "" };

export const RELATIONS = [
  { code: "child", name: "Anak" },
  { code: "parent", name: "Orang tua atau mertua" },
  { code: "relative", name: "Famili lain" },
  { code: "neighbour", name: "Tetangga" },
  { code: "officer", name: "Pengurus RT atau RW" },
  { code: "other", name: "Orang lain" },
] as const;

/** Pictures that stand beside a deed, in the order in which they are taken. */
export interface WantedPhoto {
  readonly code: "face" | "letter" | "person" | "paper" | "home" | "portrait";
  readonly hint: string;
}

const OF_A_REPRESENTATIVE: readonly WantedPhoto[] = [
  { code: "letter", hint: "Surat kuasanya, terbaca jelas." },
  { code: "person", hint: "Wajah orang yang mewakili." },
];
const FACE: WantedPhoto = { code: "face", hint: "Wajah yang mengambil bersama bantuannya." };

export const PORTRAIT: readonly WantedPhoto[] = [{ code: "portrait", hint: "Yang biasa mengambil bantuan: wajahnya di tengah, dari dada ke atas." }];
export const NO_CONSENT = "Centang persetujuan keluarga, atau ketuk Ulangi bila foto tidak jadi dipakai.";

/** This will say what is still missing, or null. */
export function missingOf(collected: Collected): string | null {
  if (collected.kind === null) return "Pilih siapa yang mengambil.";
  if (collected.kind === "member" && collected.member === null) return "Pilih anggota keluarga yang mengambil.";
  if (collected.kind !== "representative") return null;
  if (collected.name.trim().length < 3) return "Tulis nama yang mewakili.";
  return collected.relation === null ? "Pilih hubungannya dengan keluarga." : null;
}

/** This will say which pictures are wanted: of a letter and who brought it, or of a face where the card asks for one. */
export function photosWanted(collected: Collected, card_asks: boolean): readonly WantedPhoto[] {
  if (collected.kind === "representative") return OF_A_REPRESENTATIVE;
  return card_asks ? [FACE] : [];
}

/** This will give what stands in the signed event. */
export function collectorData(collected: Collected): { collector: CollectorKind | null; member: string | null } {
  return { collector: collected.kind, member: collected.kind === "member" ? collected.member : null };
}

/** This will give what is sealed: of a representative alone, whatever was typed before another was chosen. */
export function collectorSealed({ kind, name, relation, id }: Collected): Record<string, string | null> {
  if (kind !== "representative") return {};
  return { collector_name: name.trim(), collector_relation: relation, collector_id: id.trim() };
}

/** This will give the head, where the head can come. */
export function headOf(members: readonly Member[]): Member | null {
  return members.find((member) => member.head && member.presence === "alive") ?? null;
}

/** A family that is in no list: what is typed, what is missing, and how it is told to the office. */

import { portraitMark } from "../core/portrait";
import { familyNumberFault, isDay, nikFault } from "../core/identity";
import type { Point } from "../device/position";
import type { Family } from "../store/roster";
import type { Happening } from "../store/queue";
import type { DWELLINGS } from "./wording";

export const RELATIONS = [
  { code: "spouse", name: "Suami atau istri" },
  { code: "child", name: "Anak" },
  { code: "child_in_law", name: "Menantu" },
  { code: "grandchild", name: "Cucu" },
  { code: "parent", name: "Orang tua" },
  { code: "parent_in_law", name: "Mertua" },
  { code: "relative", name: "Famili lain" },
  { code: "other", name: "Lainnya" },
] as const;

/** An attachment of 8 KiB holds a longhouse of three generations. */
export const MEMBERS_MAX = 20;
/** Fewer than this left: the companion should know before the next village. */
export const FEW_NUMBERS = 5;

export interface TypedMember {
  name: string;
  relation: (typeof RELATIONS)[number]["code"] | "";
  born: string;
  nik: string;
}

export interface Typed {
  village: string;
  head_name: string;
  head_nik: string;
  head_born: string;
  family_number: string;
  members: TypedMember[];
  size: string;
  dwelling: (typeof DWELLINGS)[number]["code"] | null;
  address: string;
  anchor: string;
  custodian_name: string;
  custodian_contact: string;
  note: string;
  /** The family agreed that its photo is kept. */
  consent: boolean;
}

/** This will give an empty form; of one village only, it is chosen already. */
export function nothingTyped(villages: readonly { code: string }[]): Typed {
  const [only] = villages.length === 1 ? villages : [];
  return {
    village: only?.code ?? "", head_name: "", head_nik: "", head_born: "", family_number: "", members: [], size: "",
    dwelling: null, address: "", anchor: "", custodian_name: "", custodian_contact: "", note: "", consent: false,
  };
}

/** This will say whether a landmark must lead to the family, because no address does. */
export function needsAnchor(dwelling: Typed["dwelling"]): boolean {
  return dwelling === "none" || dwelling === "river" || dwelling === "camp";
}

/** This will take the spaces and dots out of a number as people write it. */
export function digits(text: string): string {
  return text.replace(/[\s.-]/g, "");
}

/** This will read a year or a day of birth (1987, 2-5-1987, 2/5/1987): "" where nothing was typed, null where it is none. */
export function bornOf(text: string, today: string): string | null {
  const typed = text.trim();
  if (typed === "") return "";
  if (/^\d{4}$/.test(typed)) return typed >= "1900" && typed <= today.slice(0, 4) ? typed : null;
  const match = /^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})$/.exec(typed);
  if (match === null) return null;
  const [day, month, year] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (!isDay(year, month, day) || year < 1900) return null;
  const date = `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  return date <= today ? date : null;
}

/** This will give the families of this phone whose head, or member, in that village has the same name: it may be the same. */
export function likelyKnown(families: Iterable<Family>, typed: Pick<Typed, "village" | "head_name">): Family[] {
  const name = plain(typed.head_name);
  if (name.length < 2) return [];
  return [...families].filter(
    ({ household }) => household.village === typed.village && household.members.some((member) => plain(member.name) === name),
  );
}

/** Words in order, without marks: `Undang, Nyai` is `nyai undang`. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[.,]/g, " ").split(/\s+/).filter(Boolean).sort().join(" ");
}

/** This will say the first thing that is missing or wrong, in a sentence; null when all can be told. */
export function missingOf(typed: Typed, today: string): string | null {
  if (typed.village === "") return "Pilih desa atau kelurahannya.";
  if (typed.head_name.trim().length < 2) return "Tulis nama kepala keluarganya.";
  if (typed.dwelling === null) return "Pilih jenis tempat tinggal.";
  if (needsAnchor(typed.dwelling) && typed.anchor.trim().length < 3) {
    return "Tulis titik acuannya, supaya keluarga ini dapat ditemukan lagi.";
  }
  const unnamed = typed.members.findIndex(({ name }) => name.trim().length < 2);
  if (unnamed >= 0) return `Tulis nama anggota ke-${unnamed + 1}, atau hapus anggota itu.`;
  return wrongNumber(typed) ?? wrongBirth(typed, today) ?? wrongSize(typed);
}

function people(typed: Typed): { name: string; nik: string; born: string }[] {
  return [{ name: typed.head_name.trim(), nik: typed.head_nik, born: typed.head_born }, ...typed.members];
}

function wrongNumber(typed: Typed): string | null {
  const seen = new Set<string>();
  for (const { name, nik } of people(typed)) {
    const number = digits(nik);
    if (number === "") continue;
    const fault = nikFault(number);
    if (fault !== null) return `NIK ${name}: ${NIK_FAULTS[fault]} Perbaiki, atau kosongkan bila tidak terbaca.`;
    if (seen.has(number)) return `NIK ${name} sama dengan NIK anggota lain. Perbaiki, atau kosongkan bila tidak terbaca.`;
    seen.add(number);
  }
  const kk = digits(typed.family_number);
  const fault = kk === "" ? null : familyNumberFault(kk);
  return fault === null ? null : `Nomor KK: ${NIK_FAULTS[fault]} Perbaiki, atau kosongkan bila tidak terbaca.`;
}

const NIK_FAULTS = {
  digits: "hanya angka.",
  length: "harus 16 angka.",
  area: "enam angka pertamanya bukan kode wilayah.",
  date: "tanggal lahir di dalamnya tidak ada di kalender.",
  serial: "empat angka terakhirnya tidak boleh nol semua.",
} as const;

function wrongBirth(typed: Typed, today: string): string | null {
  const one = people(typed).find(({ born }) => bornOf(born, today) === null);
  return one ? `Lahir ${one.name}: tulis tahunnya saja (1987) atau tanggalnya (2-5-1987), atau kosongkan.` : null;
}

function wrongSize(typed: Typed): string | null {
  const size = typed.size.trim();
  if (size === "") return null;
  if (!/^\d{1,2}$/.test(size) || Number(size) === 0) return "Jumlah jiwa: tulis dengan angka, 1 sampai 99, atau kosongkan.";
  return Number(size) < typed.members.length + 1 ? `Jumlah jiwa kurang dari anggota yang Anda tulis (${typed.members.length + 1}).` : null;
}

/** This will tell it to the office under a number of the pool; only what `missingOf` found complete. */
export function told(
  typed: Typed,
  number: string,
  point: Point | null,
  today: string,
  /** The place of the portrait among the photos. */
  portrait: number | null = null,
): Pick<Happening, "type" | "lease" | "subjects" | "data" | "personal"> {
  const anchored = needsAnchor(typed.dwelling);
  return {
    type: "household.registered",
    lease: null,
    subjects: [number, number],
    data: {
      provisional: number,
      village: typed.village,
      size: typed.size.trim() === "" ? (typed.members.length > 0 ? typed.members.length + 1 : null) : Number(typed.size),
      dwelling: typed.dwelling,
      ...(portrait === null ? {} : { portrait: portraitMark(portrait, typed.consent) }),
    },
    personal: {
      head_name: typed.head_name.trim(),
      head_nik: digits(typed.head_nik),
      head_born: bornOf(typed.head_born, today),
      family_number: digits(typed.family_number),
      members: typed.members.map((member) => ({
        name: member.name.trim(),
        ...(member.relation === "" ? {} : { relation: member.relation }),
        ...(member.born.trim() === "" ? {} : { born: bornOf(member.born, today) }),
        ...(digits(member.nik) === "" ? {} : { nik: digits(member.nik) }),
      })),
      address: typed.address.trim(),
      anchor: typed.anchor.trim(),
      custodian_name: anchored ? typed.custodian_name.trim() : null,
      custodian_contact: anchored ? typed.custodian_contact.trim() : null,
      home: point,
      note: typed.note.trim(),
    },
  };
}

/** Parcels of cards: what was sent to this phone, what was counted, and whether the two make up. */

import type { Parcel } from "../store/roster";

export const COUNT_REASONS = [
  { code: "not_packed", name: "Tidak ikut dikemas" },
  { code: "lost", name: "Hilang di perjalanan" },
  { code: "packed_extra", name: "Ikut terkemas" },
  { code: "unknown", name: "Belum diketahui" },
] as const;

export interface Counting {
  counted: number | null;
  missing: string[];
  /** Numbers of cards that came too much, as typed: one a line, or parted by spaces or commas. */
  extra: string;
  reason: (typeof COUNT_REASONS)[number]["code"] | null;
}

/** This will read typed card numbers; what is no card number is left as it is, to be told. */
export function numbersIn(typed: string): string[] {
  return typed
    .split(/[\n,;]+/)
    .map((part) => part.replace(/\D/g, ""))
    .filter((number) => number !== "");
}

/** This will say what does not make up, or null where it does. */
export function wrongCount(parcel: Parcel, counting: Counting): string | null {
  const { counted, missing, reason } = counting;
  if (counted === null || !Number.isInteger(counted) || counted < 0) return "Isi berapa kartu yang Anda hitung.";
  const extra = numbersIn(counting.extra);
  const wrong = extra.find((number) => !/^62\d{12}$/.test(number) || parcel.numbers.includes(number));
  if (wrong !== undefined) return `Nomor ${wrong} bukan nomor kartu yang lebih. Periksa 14 angkanya.`;
  const due = parcel.count - missing.length + extra.length;
  if (counted !== due) {
    return `Anda menghitung ${counted} kartu. Dari ${parcel.count} yang dikirim, dengan ${missing.length} kurang dan ${extra.length} lebih, seharusnya ${due}.`;
  }
  return (missing.length > 0 || extra.length > 0) && reason === null ? "Pilih sebab bedanya." : null;
}

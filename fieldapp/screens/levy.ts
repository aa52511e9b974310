/** Money that was asked of a family: how much, by whom, when. Every answer may be "not known". */

import type { ASKED_BY } from "./wording";

export interface Levy {
  amount: number | null;
  asked_by: (typeof ASKED_BY)[number]["code"] | null;
  on: string;
  anonymous: boolean;
}

export const EMPTY_LEVY: Levy = { amount: null, asked_by: null, on: "", anonymous: false };
/** As the server reads it: more is a slip of the thumb. */
const AMOUNT_MAX = 100_000_000;

/** This will say what is wrong, or null. */
export function wrongLevy({ amount, asked_by, on }: Levy, today: string): string | null {
  if (amount !== null && (!Number.isInteger(amount) || amount < 0 || amount > AMOUNT_MAX)) {
    return "Tulis jumlah uangnya dengan angka saja, misalnya 50000.";
  }
  if (asked_by === null) return "Pilih siapa yang meminta, atau “Tidak tahu”.";
  return on > today ? "Tanggalnya belum tiba. Periksa lagi." : null;
}

/** This will give what stands in the signed event. */
export function levyData({ amount, asked_by, on }: Levy): Record<string, unknown> {
  return { amount_rupiah: amount, asked_by, on: on || null };
}

/** A receipt on paper, typed in later: its own day and hour, which no clock of the phone has seen. */

export const MARKS = [
  { code: "signature", name: "Tanda tangan" },
  { code: "thumbprint", name: "Cap jempol" },
  { code: "stamp", name: "Cap atau stempel" },
] as const;

const WIB = "+07:00";
const WIB_MS = 7 * 3_600_000;
/** Older papers belong to another cycle. */
const OLDEST_MS = 120 * 86_400_000;

/** This will read what a date and a time field hold, in the west of the country (WIB); null where it is no time. */
export function paperTime(day: string, hour: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || !/^\d{2}:\d{2}$/.test(hour)) return null;
  const at_ms = Date.parse(`${day}T${hour}:00${WIB}`);
  return Number.isNaN(at_ms) ? null : at_ms;
}

/** This will say what is wrong with the time on a paper, or null. */
export function wrongTime(at_ms: number | null, now_ms: number): string | null {
  if (at_ms === null) return "Isi tanggal dan jam yang tertulis di kertas.";
  if (at_ms > now_ms) return "Tanggal di kertas belum tiba. Periksa lagi tanggal dan jamnya.";
  return now_ms - at_ms > OLDEST_MS ? "Tanggal di kertas sudah lebih dari empat bulan. Hubungi penyelia." : null;
}

/** The day today (WIB), as a date field wants it. */
export function today(now_ms: number): string {
  return new Date(now_ms + WIB_MS).toISOString().slice(0, 10);
}

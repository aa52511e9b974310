/** Figures as they are written in Indonesian. Zero is a number, unknown is a dash. */
export const UNKNOWN = "–";

const numbers = new Intl.NumberFormat("id-ID");

export function number(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : numbers.format(value);
}

/** A share that never rounds up to a whole it is not. */
export function share(part: number | null, whole: number | null): string {
  if (part === null || !whole) return UNKNOWN;
  let percent = (part * 100) / whole;
  if (part < whole && percent > 99.9) percent = 99.9;
  return percent > 0 && percent < 100 ? `${percent.toFixed(1).replace(".", ",")} %` : `${percent.toFixed(0)} %`;
}

const hours = new Intl.DateTimeFormat("id-ID", {
  hour: "2-digit",
  minute: "2-digit",
  hour12: false,
  timeZone: "Asia/Jakarta",
});

export function hour(at: string | Date): string {
  return hours.format(typeof at === "string" ? new Date(at) : at).replace(":", ".");
}

/** How long ago, in words: "3 jam", "2 hari". */
export function age(at: string, now: number = Date.now()): string {
  const minutes = Math.max(0, Math.round((now - Date.parse(at)) / 60_000));
  if (minutes < 60) return `${minutes} menit`;
  const spent = Math.round(minutes / 60);
  return spent < 48 ? `${spent} jam` : `${Math.round(spent / 24)} hari`;
}

/** A full phone: the browser lets nothing more be written, and says so as the reason of whatever failed for it. */

/** What to do about it. */
export const MAKE_ROOM = "Hapus foto, video, atau aplikasi yang tidak dipakai, lalu coba lagi.";
export const FULL = `Penyimpanan HP penuh. ${MAKE_ROOM}`;

/** What was to be recorded was let go, because there was no room for it and the person was told. */
export class NotKeptError extends Error {}

/** This will say whether something was not written because the phone is full. */
export function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "QuotaExceededError" || isFull((error as { inner?: unknown }).inner);
}

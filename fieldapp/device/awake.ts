/** Keeping the screen lit while another phone reads it; where the phone does not allow it, fingers must do. */

/** This will keep the screen lit until `signal` ends it. */
export async function keepAwake(signal: AbortSignal): Promise<void> {
  if (!("wakeLock" in navigator)) return;
  const lock = await navigator.wakeLock.request("screen").catch(() => null); // a low battery refuses
  if (lock === null) return;
  if (signal.aborted) await lock.release();
  else signal.addEventListener("abort", () => void lock.release(), { once: true });
}

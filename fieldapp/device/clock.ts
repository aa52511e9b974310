/** Time that a turned clock cannot take back: the later of the phone's clock and the server's, carried on (lease.md). */

export class Clock {
  private anchor: { server_ms: number; monotonic_ms: number } | null = null;
  private readonly opened = { device_ms: Date.now(), monotonic_ms: performance.now() };

  /** `floor_ms` is the latest time this phone has ever known. */
  constructor(private floor_ms: number) {}

  /** This will take the server's word for the time. */
  heard(server_ms: number): void {
    if (Number.isFinite(server_ms)) this.anchor = { server_ms, monotonic_ms: performance.now() };
  }

  /** This will give the time to judge a lease by, in Unix milliseconds. */
  now_ms(): number {
    const carried = this.anchor ? this.anchor.server_ms + performance.now() - this.anchor.monotonic_ms : 0;
    this.floor_ms = Math.max(Date.now(), carried, this.floor_ms);
    return this.floor_ms;
  }

  /** This will give milliseconds since `since_ms`, counted without the clock for as long as the app is open. */
  monotonicSince(since_ms: number): number {
    const open_ms = performance.now() - this.opened.monotonic_ms;
    return Math.max(0, Math.round(this.opened.device_ms - since_ms + open_ms));
  }

  /** How far the phone's clock is from the server's; null before the first contact. */
  get skew_ms(): number | null {
    if (this.anchor === null) return null;
    return Date.now() - (this.anchor.server_ms + performance.now() - this.anchor.monotonic_ms);
  }
}

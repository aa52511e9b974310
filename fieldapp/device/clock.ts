/** Time that a turned clock cannot take back: the later of the phone's clock and the server's, carried on (lease.md). */

export class Clock {
  private anchor: { server_ms: number; monotonic_ms: number } | null = null;
  private readonly opened = { device_ms: Date.now(), monotonic_ms: performance.now() };
  private floor: { ms: number; monotonic_ms: number };

  /** `floor_ms` is the latest time this phone has ever known. */
  constructor(floor_ms: number) {
    this.floor = { ms: floor_ms, monotonic_ms: performance.now() };
  }

  /** This will take the server's word for the time; it also takes back what a clock that ran ahead made us believe. */
  heard(server_ms: number): void {
    if (!Number.isFinite(server_ms)) return;
    const monotonic_ms = performance.now();
    this.anchor = { server_ms, monotonic_ms };
    this.floor = { ms: Math.min(this.now_ms(), Math.max(server_ms, Date.now())), monotonic_ms };
  }

  /** This will give the time to judge a lease by, in Unix milliseconds: it goes on though the clock was turned back. */
  now_ms(): number {
    const monotonic_ms = performance.now();
    const carried = this.anchor ? this.anchor.server_ms + monotonic_ms - this.anchor.monotonic_ms : 0;
    const since_floor = this.floor.ms + monotonic_ms - this.floor.monotonic_ms;
    const ms = Math.max(Date.now(), carried, since_floor);
    this.floor = { ms, monotonic_ms };
    return Math.floor(ms);
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

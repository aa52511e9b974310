/** How long nobody has touched the phone. By two clocks: one stands still in sleep, the other can be turned. */

export class Idle {
  private touched = { device_ms: Date.now(), monotonic_ms: performance.now() };

  /** This will note that somebody is there. */
  touch(): void {
    this.touched = { device_ms: Date.now(), monotonic_ms: performance.now() };
  }

  /** This will give the milliseconds since then. */
  get for_ms(): number {
    return Math.max(Date.now() - this.touched.device_ms, performance.now() - this.touched.monotonic_ms);
  }
}

/** Time that a turned clock cannot take back. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Clock } from "../device/clock";
import { Idle } from "../device/idle";

const NOON_MS = Date.parse("2026-11-12T05:00:00.000Z");
const HOUR_MS = 3_600_000;

beforeEach(() => vi.useFakeTimers({ now: NOON_MS, toFake: ["Date", "performance"] }));
afterEach(() => vi.useRealTimers());

it("goes on by itself though the phone's clock was turned back", () => {
  const clock = new Clock(NOON_MS + HOUR_MS);
  vi.advanceTimersByTime(2 * HOUR_MS);
  vi.setSystemTime(NOON_MS - 100 * HOUR_MS);
  vi.advanceTimersByTime(HOUR_MS);

  expect(clock.now_ms()).toBe(NOON_MS + 4 * HOUR_MS);
});

it("is never earlier than what the phone has known", () => {
  expect(new Clock(NOON_MS + HOUR_MS).now_ms()).toBe(NOON_MS + HOUR_MS);
  expect(new Clock(0).now_ms()).toBe(NOON_MS);
});

it("believes the server, also against a clock that once ran ahead", () => {
  const clock = new Clock(NOON_MS + 9000 * HOUR_MS);
  clock.heard(NOON_MS + HOUR_MS);
  vi.advanceTimersByTime(HOUR_MS);

  expect(clock.now_ms()).toBe(NOON_MS + 2 * HOUR_MS);
  clock.heard(Number.NaN);
  expect(clock.now_ms()).toBe(NOON_MS + 2 * HOUR_MS);
});

it("counts how long nobody touched the phone by whichever clock went further", () => {
  const idle = new Idle();
  vi.advanceTimersByTime(HOUR_MS);
  vi.setSystemTime(NOON_MS - HOUR_MS);
  expect(idle.for_ms).toBe(HOUR_MS);

  idle.touch();
  vi.setSystemTime(NOON_MS + 2 * HOUR_MS); // asleep: the monotonic clock stood still
  expect(idle.for_ms).toBe(3 * HOUR_MS);
});

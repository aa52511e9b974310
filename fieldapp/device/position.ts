/** Where the phone is, and how surely. A missing point is said, never invented. */

export interface Point {
  /** Degrees, six decimals. */
  readonly lat: number;
  readonly lng: number;
  readonly accuracy_m: number;
}

export type PositionState =
  | { kind: "searching" }
  | { kind: "found"; point: Point }
  | { kind: "none"; reason: "denied" | "unavailable" };

/** A fix this good is enough for a home; the search ends and the battery rests. */
const GOOD_ENOUGH_M = 15;
const SEARCH_MAX_MS = 60_000;

/** This will look for the phone's position and tell each better fix, until it is good or a minute has passed. */
export function watchPosition(told: (state: PositionState) => void): () => void {
  if (!("geolocation" in navigator)) {
    told({ kind: "none", reason: "unavailable" });
    return () => undefined;
  }
  told({ kind: "searching" });
  let best: Point | null = null;
  const watch = navigator.geolocation.watchPosition(
    ({ coords }) => {
      if (best !== null && coords.accuracy >= best.accuracy_m) return;
      best = { lat: round6(coords.latitude), lng: round6(coords.longitude), accuracy_m: Math.ceil(coords.accuracy) };
      told({ kind: "found", point: best });
      if (best.accuracy_m <= GOOD_ENOUGH_M) stop();
    },
    (error) => {
      if (best === null) told({ kind: "none", reason: error.code === 1 ? "denied" : "unavailable" });
    },
    { enableHighAccuracy: true, maximumAge: 0, timeout: SEARCH_MAX_MS },
  );
  const end = setTimeout(() => stop(), SEARCH_MAX_MS);
  function stop(): void {
    clearTimeout(end);
    navigator.geolocation.clearWatch(watch);
  }
  return stop;
}

function round6(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}

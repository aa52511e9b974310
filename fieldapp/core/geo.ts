/** Distance and direction between two points on the ground, in metres and eighths of the compass. */

export interface Place {
  /** Degrees. */
  readonly lat: number;
  readonly lng: number;
}

/** Mean radius of the earth (IUGG), metres. */
const EARTH_M = 6_371_009;
const RADIANS = Math.PI / 180;

/** This will give where `to` lies from `from`, metres to the east and to the north; good to half a hundredth over the province. */
export function offset(from: Place, to: Place): { east_m: number; north_m: number } {
  const middle = ((from.lat + to.lat) / 2) * RADIANS;
  return {
    east_m: (to.lng - from.lng) * RADIANS * EARTH_M * Math.cos(middle),
    north_m: (to.lat - from.lat) * RADIANS * EARTH_M,
  };
}

/** This will give the distance in metres. */
export function metresBetween(from: Place, to: Place): number {
  const { east_m, north_m } = offset(from, to);
  return Math.hypot(east_m, north_m);
}

/** This will give the direction in eighths clockwise from the north: 0 north, 2 east, 7 north-west. */
export function eighthOf(from: Place, to: Place): number {
  const { east_m, north_m } = offset(from, to);
  return (Math.round(Math.atan2(east_m, north_m) / (Math.PI / 4)) + 8) % 8;
}

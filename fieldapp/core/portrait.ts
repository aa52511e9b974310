/** The family's portrait: how an event marks it (event.md, section 4.2), and what it is known by (device.md, section 16). */

import { concat, fromHex, sha256, toHex, type Bytes } from "./bytes";

export const DIGEST_BYTES = 8;

/** This will mark the photo at `place` of an event as the portrait; null without the family's consent. */
export function portraitMark(place: number, consent: boolean): { photo: number; consent: true } | null {
  return consent ? { photo: place, consent: true } : null;
}

/** This will give the digest of a picture of a household, as hex. */
export async function portraitDigest(household: string, picture: Bytes): Promise<string> {
  const whole = await sha256(concat(fromHex(household.replaceAll("-", "")), picture));
  return toHex(whole.slice(0, DIGEST_BYTES));
}

/**
 * A tap that the chip signed: a public-key chip, whose taps this phone verifies without a key and without tickets; the
 * twin of betang/core/card/public_chip.py. Normative: docs/protocols/chip.md; cases: vectors/public_chip.json.
 * U: no real chip confirmed the form; `signedMessage` is the one function to replace.
 */

import { fromHex, utf8, type Bytes } from "./bytes";
import { publicKeyFromPoint, verify } from "./es256";
import { join, type TapSeen } from "./ticket";
import type { TapsState } from "./verdict";

const QUERY = /^\/t\?u=([0-9A-Fa-f]{14})&n=([0-9A-Fa-f]{6})&s=([0-9A-Fa-f]{128})$/;
const UID = /^[0-9a-f]{14}$/;
const COUNTER_MAX = 0xffffff;

/** What one reading of the chip says, raw. It is named by chip and counter, never by its signature. */
export interface SignedTap {
  /** Lower-case hex of seven bytes. */
  readonly uid: string;
  readonly counter: number;
  /** r || s, 64 bytes. */
  readonly signature: Bytes;
}

/** The chip that belongs to a card. The QR knows its key alone, the roster its UID as well. */
export interface ExpectedChip {
  readonly point: Bytes;
  readonly uid: string | null;
}

/** The state for the verdict, and the highest genuine reading to remember of this chip. */
export interface Weighed {
  readonly taps: TapsState;
  readonly high: number;
}

/** This will give the bytes that the chip signs: the characters of its file up to the signature, HOST among them. */
export function signedMessage(host: string, uid: string, counter: number): Bytes {
  return utf8(`${host}/t?u=${uid.toUpperCase()}&n=${counter.toString(16).toUpperCase().padStart(6, "0")}&s=`);
}

/** This will read a signed tap from its URL; null where it is not, letter by letter, one of `host`'s. */
export function readTapUrl(url: string, host: string): SignedTap | null {
  const origin = `https://${host}`;
  if (!url.startsWith(origin)) return null;
  const [, uid, counter, signature] = QUERY.exec(url.slice(origin.length)) ?? [];
  if (uid === undefined || counter === undefined || signature === undefined) return null;
  return { uid: uid.toLowerCase(), counter: parseInt(counter, 16), signature: fromHex(signature) };
}

/** This will say whether the chip of this key made the tap. Either of the two s of a signature is good. */
export async function isGenuine(point: Bytes, tap: SignedTap, host: string): Promise<boolean> {
  const whole = Number.isInteger(tap.counter) && tap.counter >= 0 && tap.counter <= COUNTER_MAX;
  if (!whole || !UID.test(tap.uid)) return false;
  return verify(await publicKeyFromPoint(point), tap.signature, signedMessage(host, tap.uid, tap.counter));
}

/** This will say what one tap is. `chip` null: neither a verified QR nor the roster says which chip this is. */
export async function weighSigned(
  tap: SignedTap,
  chip: ExpectedChip | null,
  host: string,
  high: number,
): Promise<TapSeen | "tap.other_card"> {
  if (chip === null) return "past_window";
  if (chip.uid !== null && tap.uid !== chip.uid) return "tap.other_card";
  if (!(await isGenuine(chip.point, tap, host))) return chip.uid === null ? "tap.other_card" : "tap.forged";
  return tap.counter <= high ? "tap.replayed" : "fresh";
}

/** This will give the state of all taps of one showing, oldest first. Only a genuine tap raises what is remembered. */
export async function weighAll(
  taps: readonly SignedTap[],
  chip: ExpectedChip | null,
  host: string,
  high: number,
): Promise<Weighed> {
  let state: TapsState = "none";
  let highest = high;
  for (const tap of taps) {
    const seen = await weighSigned(tap, chip, host, highest);
    if (seen === "fresh") highest = tap.counter;
    state = join(state, seen);
  }
  return { taps: state, high: highest };
}

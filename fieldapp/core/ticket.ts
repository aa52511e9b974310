/**
 * Tickets: how this phone, which holds no key, recognises a genuine tap without a network; the twin of
 * betang/core/card/ticket.py. Normative: docs/protocols/tickets.md; cases: vectors/ticket.json.
 */

import { concat, equal, fromHex, type Bytes } from "./bytes";
import type { TAPS_RED, TapsState } from "./verdict";

export const SALT_BYTES = 16;
export const TICKET_BYTES = 8;
const ITERATIONS = 1_000;

/** What one reading of a chip says, raw. */
export interface RawTap {
  /** Lower-case hex of seven bytes. */
  readonly uid: string;
  readonly counter: number;
  /** Lower-case hex of eight bytes. */
  readonly mac: string;
}

/** Tickets of one card for the readings `first`, `first` + 1, and so on. Empty, with 0: the earlier are withdrawn. */
export interface Segment {
  readonly uid: string;
  readonly first: number;
  readonly tickets: Bytes;
}

/** What one tap can say on the phone. */
export type TapSeen = "fresh" | "past_window" | "tap.replayed" | "tap.forged";

export interface Known {
  readonly salt: Bytes | null;
  /** This card's segments. */
  readonly held: readonly Segment[];
  /** The highest genuine reading that this phone or the bundle knows. */
  readonly high: number;
  /** The last tap of this card that could not be judged here: a second time it is a replay. */
  readonly unproved: { readonly counter: number; readonly mac: string } | null;
}

/** This will hash a tap for one device; the counter is written most significant byte first, as in the URL. */
export async function ticketOf(salt: Bytes, tap: RawTap): Promise<Bytes> {
  const counter = new Uint8Array([tap.counter >>> 16, (tap.counter >>> 8) & 0xff, tap.counter & 0xff]);
  const message = concat(fromHex(tap.uid), counter, fromHex(tap.mac));
  const material = await crypto.subtle.importKey("raw", message, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ITERATIONS };
  return new Uint8Array(await crypto.subtle.deriveBits(how, material, TICKET_BYTES * 8));
}

/** This will give the ticket of the reading `counter`; null where the segment does not cover it. */
export function ticketAt({ first, tickets }: Segment, counter: number): Bytes | null {
  const place = (counter - first) * TICKET_BYTES;
  return place >= 0 && place < tickets.length ? tickets.slice(place, place + TICKET_BYTES) : null;
}

/**
 * This will say what a tap is without a network. It is looked up by card and counter and then compared, never sought in
 * the whole table. Where there is no ticket the answer is "cannot tell", never "fake".
 */
export async function weigh(tap: RawTap, { salt, held, high, unproved }: Known): Promise<TapSeen> {
  if (tap.counter <= high) return "tap.replayed";
  if (unproved !== null && unproved.counter === tap.counter && unproved.mac === tap.mac) return "tap.replayed";
  const expected = held
    .filter(({ uid }) => uid === tap.uid)
    .map((part) => ticketAt(part, tap.counter))
    .find((found) => found !== null);
  if (!expected || salt === null) return "past_window";
  return equal(await ticketOf(salt, tap), expected) ? "fresh" : "tap.forged";
}

/** This will give the state of all taps of one showing: `before`, then one more of the same card with a higher counter. */
export function join(before: TapsState, seen: TapSeen | (typeof TAPS_RED)[number]): TapsState {
  if (seen !== "fresh") return seen;
  return before === "one" || before === "two_rising" ? "two_rising" : "one";
}

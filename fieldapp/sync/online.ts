/** What only a server can answer: whether a tap is genuine, and a right that this phone does not hold (device.md, 8 and 9). */

import type { Act, TapsState } from "../core/verdict";
import type { Tap } from "../device/nfc";
import type { Point } from "../device/position";
import type { Goods } from "../store/roster";
import type { Client, Outcome } from "./client";

export interface ReservedRight {
  readonly entitlement: string;
  readonly cycle: string;
  readonly benefit: string;
  readonly amount_rupiah: number;
  readonly goods: readonly Goods[];
  readonly until: string;
}

export interface Reservation {
  readonly rights: readonly ReservedRight[];
  readonly refused: readonly { entitlement: string; code: string; sentence: string }[];
  readonly household: { readonly number: string; readonly village: string; readonly head_name: string };
}

/** This will take every open right of the card's family for a quarter of an hour. */
export async function reserve(client: Client, card_number: string): Promise<Outcome<Reservation>> {
  return client.sendJson<Reservation>("POST", "/api/v1/claims/reserve", { card: card_number });
}

interface TapAnswer {
  readonly colour: string;
  readonly reason: string;
  readonly card: string | null;
}

/** This will present a tap to the server, which raises the card's counter; null when it cannot be asked. */
export async function presentOnline(
  client: Client,
  tap: Tap,
  act: Act,
  point: Point | null,
): Promise<{ taps: TapsState; card: string | null } | null> {
  const outcome = await client.sendJson<TapAnswer>("POST", "/api/v1/taps", { ...tap, act, point });
  return outcome.kind === "answer" ? { taps: tapsOf(outcome.body), card: outcome.body.card } : null;
}

/** What the server's answer says of the tap alone; lease and list are judged here, with what this phone holds. */
function tapsOf({ colour, reason }: TapAnswer): TapsState {
  if (colour === "red") return reason as TapsState;
  return reason === "tap.genuine" ? "two_rising" : "one";
}

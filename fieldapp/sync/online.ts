/** What only a server can answer: whether a tap is genuine, and a right that this phone does not hold (device.md, 8 and 9). */

import type { RawTap } from "../core/ticket";
import type { Act, TapsState } from "../core/verdict";
import type { Point } from "../device/position";
import type { Database } from "../store/database";
import { exclusively } from "../store/locks";
import type { Goods } from "../store/roster";
import { isHandingUnsent } from "../store/transfers";
import type { Client, Outcome } from "./client";
import { push } from "./push";

/** A family stands there; after this the phone's own tickets answer. */
const TAP_TIMEOUT_MS = 8_000;

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

/**
 * This will take every open right of the card's family for a quarter of an hour. What went to another phone is told
 * first: a server that does not know of it would give the right back to its giver.
 */
export async function reserve(db: Database, client: Client, card_number: string): Promise<Outcome<Reservation>> {
  if (await isHandingUnsent(db)) await exclusively("betang-sync", () => push(db, client));
  if (await isHandingUnsent(db)) return { kind: "unreachable" };
  return client.sendJson<Reservation>("POST", "/api/v1/claims/reserve", { card: card_number });
}

/** What the office said of a right under a lease of its own, before it was delivered. */
export type Asked = { said: "agreed" } | { said: "unanswered" } | { said: "denied"; sentence: string; do: string };

/** Refusals that mean that this phone may not deliver the right; any other leaves the question unanswered. */
const DENIES = ["right.unknown", "right.already_delivered", "right.held_elsewhere", "right.not_by_hand", "right.closed"];

/**
 * This will ask whether a leased right is still this phone's to deliver. The lease stays as it is. While the server has
 * not heard what went from phone to phone, it cannot know: nothing is asked.
 */
export async function askAbout(db: Database, client: Client, entitlement: string): Promise<Asked> {
  if (await isHandingUnsent(db)) return { said: "unanswered" };
  const outcome = await client.sendJson("POST", "/api/v1/claims/reserve", { entitlement }, { timeout_ms: TAP_TIMEOUT_MS });
  if (outcome.kind === "answer") return { said: "agreed" };
  if (outcome.kind === "refusal" && DENIES.includes(outcome.code)) return { said: "denied", sentence: outcome.sentence, do: outcome.do };
  return { said: "unanswered" };
}

interface TapAnswer {
  readonly colour: string;
  readonly reason: string;
  readonly card: string | null;
}

/** What the server made of a tap. An expired card is told by its QR's word, as where the QR itself is read. */
export interface TapAnswered {
  readonly taps: TapsState;
  readonly expired: boolean;
  readonly card: string | null;
}

/** This will present a tap to the server, which raises the card's counter; null when it cannot be asked. */
export async function presentOnline(client: Client, tap: RawTap, act: Act, point: Point | null): Promise<TapAnswered | null> {
  const outcome = await client.sendJson<TapAnswer>("POST", "/api/v1/taps", { ...tap, act, point }, { timeout_ms: TAP_TIMEOUT_MS });
  if (outcome.kind !== "answer") return null;
  const expired = outcome.body.reason === "card.expired";
  return { taps: expired ? "one" : tapsOf(outcome.body), expired, card: outcome.body.card };
}

/** What the server's answer says of the tap alone; lease and list are judged here, with what this phone holds. */
function tapsOf({ colour, reason }: TapAnswer): TapsState {
  if (colour === "red") return reason as TapsState;
  if (reason === "tap.past_window") return "past_window"; // the server has no keys of chips
  return reason === "tap.genuine" ? "two_rising" : "one";
}

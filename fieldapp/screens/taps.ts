/** What a tap is: by the server where it answers, else by the tickets on this phone (docs/protocols/tickets.md). */

import { join, weigh, type RawTap, type TapSeen } from "../core/ticket";
import type { Act, TapsState } from "../core/verdict";
import { exclusively } from "../store/locks";
import type { RosterCard } from "../store/roster";
import { presentOnline } from "../sync/online";
import { session } from "./session.svelte";

/** Two taps of one card count as a pair within this time, as on the server. */
const PAIR_WITHIN_MS = 5 * 60_000;
/** As many as an event carries. */
const TAPS_MAX = 4;

export interface Weighed {
  readonly taps_state: TapsState;
  /** Those of this showing that are told, oldest first. */
  readonly taps: readonly RawTap[];
  /** The server itself was asked. */
  readonly online: boolean;
  readonly expired: boolean;
  readonly card_number: string | null;
}

interface Before {
  readonly taps_state: TapsState;
  readonly taps: readonly RawTap[];
  readonly tapped_at_ms: number | null;
}

/** This will say what a tap is, with the tap before it. `card`: what the roster says of this chip's card. */
export async function weighTap(tap: RawTap, act: Act, card: RosterCard | null, before: Before | null): Promise<Weighed> {
  const pair = before !== null && isPair(before, tap) ? before : null;
  const client = session.online ? session.client() : null;
  const answer = client ? await presentOnline(client, tap, act, null) : null;
  const seen = answer === null ? await weighOffline(tap, card) : seenOnline(answer.taps);
  if (answer !== null && seen === "fresh") await keepHigh(tap);
  const joined = join(pair?.taps_state ?? "none", seen);
  const taps_state = answer?.taps === "two_rising" ? "two_rising" : joined;
  const taps = pair && !taps_state.startsWith("tap.") ? [...pair.taps, tap].slice(-TAPS_MAX) : [tap];
  return { taps_state, taps, online: answer !== null, expired: answer?.expired ?? false, card_number: answer?.card ?? null };
}

/** This will say whether a tap is of another card than the one whose QR is shown, as far as the roster knows. */
export function isOfAnother(tap: RawTap, number: string | null, card: RosterCard | null): boolean {
  if (card !== null && card.uid !== null) return card.uid !== tap.uid;
  const tapped = [...session.roster.by_card.values()].find((one) => one.card.uid === tap.uid);
  return tapped !== undefined && tapped.card.number !== number;
}

function isPair(before: Before, tap: RawTap): boolean {
  const last = before.taps.at(-1);
  const soon = before.tapped_at_ms !== null && session.nowMs() - before.tapped_at_ms <= PAIR_WITHIN_MS;
  const good = before.taps_state === "one" || before.taps_state === "two_rising" || before.taps_state === "past_window";
  return good && soon && last !== undefined && last.uid === tap.uid && last.counter < tap.counter;
}

function seenOnline(taps: TapsState): Parameters<typeof join>[1] {
  return taps === "one" || taps === "two_rising" || taps === "none" ? "fresh" : taps;
}

/** One after the other: a phone reads a card twice in a moment, and each reading counts once. */
async function weighOffline(tap: RawTap, card: RosterCard | null): Promise<TapSeen> {
  return exclusively("betang-tap", async () => {
    const before = await session.db.counters.get(tap.uid);
    const high = Math.max(before?.counter ?? 0, card?.counter ?? 0);
    const known = { ...(await session.ticketsOf(tap.uid)), high, unproved: before?.unproved ?? null };
    const seen = await weigh(tap, known);
    if (seen === "fresh") await keepHigh(tap);
    // Nobody proved this counter, so it raises nothing: else a cheap tag could make the real card red.
    const { uid, counter, mac } = tap;
    if (seen === "past_window") await session.db.counters.put({ uid, counter: high, unproved: { counter, mac } });
    return seen;
  });
}

async function keepHigh({ uid, counter }: RawTap): Promise<void> {
  const before = (await session.db.counters.get(uid))?.counter ?? 0;
  await session.db.counters.put({ uid, counter: Math.max(before, counter) });
}

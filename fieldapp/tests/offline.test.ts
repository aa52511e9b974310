/** A card without a network: every card, every state of the list, every act, as the Python twin says it. */

import { describe, expect, it } from "vitest";
import vectors from "../../vectors/offline.json";
import { fromBase64Url } from "../core/bytes";
import { readCard } from "../core/qr";
import { after, ListRefusedError, readList, says, trustAgeDays, type RevocationList } from "../core/revocation";
import { ringOf } from "../core/ring";
import { decide, type Act, type QrState, type TapsState } from "../core/verdict";

const ring = ringOf({ v: 1, issued_at: vectors.ring_issued_at, keys: vectors.ring });
const now_ms = Date.parse(vectors.at);
const legend: Record<string, string> = vectors.legend;
const cells: Record<string, Record<string, string>> = vectors.cells;

async function hold(arrives: readonly string[]): Promise<{ held: RevocationList | null; said: (string | null)[] }> {
  let held: RevocationList | null = null;
  const said: (string | null)[] = [];
  for (const text of arrives) {
    try {
      held = after(await readList(fromBase64Url(text), ring, vectors.issuer), held);
      said.push(null);
    } catch (error) {
      if (!(error instanceof ListRefusedError)) throw error;
      said.push(error.code);
    }
  }
  return { held, said };
}

interface Situation {
  act: Act;
  lease: boolean;
  nfc: boolean;
  taps: TapsState;
  tap_required: boolean;
}

function* combinations(): Generator<Situation> {
  const { act, lease, nfc, taps, tap_required } = vectors.domain;
  for (const a of act as Act[])
    for (const l of lease)
      for (const n of nfc)
        for (const t of taps as TapsState[])
          for (const r of tap_required) yield { act: a, lease: l, nfc: n, taps: t, tap_required: r };
}

function told(qr: QrState, list_age_days: number | null, { act, lease, nfc, taps, tap_required }: Situation): string {
  const held = { lease: lease && act === "deliver", custody: lease && act === "hand_over" };
  const verdict = decide({ act, online: false, ...held, qr, taps, nfc, list_age_days, tap_required });
  const { colour, level, allowed, reason, name_shown } = verdict;
  return `${colour} ${level} ${allowed ? "yes" : "no"} ${reason} ${name_shown ? "name" : "nameless"}`;
}

describe("lists that arrive at a phone", () => {
  it.each(vectors.lists)("$name", async ({ arrives, says: expected, held: kept, age_days }) => {
    const { held, said } = await hold(arrives);

    expect(said).toEqual(expected);
    expect(trustAgeDays(held, ring, now_ms)).toBe(age_days);
    const seen = held && { seq: held.seq, revoked: [...held.revoked].sort(), superseded: [...held.superseded].sort() };
    expect(seen).toEqual(kept);
  });

  it("are as old as the ring, where that is older", async () => {
    const { held } = await hold(vectors.lists[0]!.arrives);
    const old = { ...ring, issued_at: new Date(now_ms - 31 * 86_400_000).toISOString() };

    expect(trustAgeDays(held, old, now_ms)).toBe(31);
    expect(trustAgeDays(held, null, now_ms)).toBeNull();
  });
});

describe("a card under each list in each situation", () => {
  it.each(vectors.cards)("$name", async ({ name, text, qr }) => {
    const read = await readCard(text, ring, vectors.issuer, now_ms);
    expect(read.state).toBe(qr);
    expect(read.claims === null).toBe(qr !== "valid");
    for (const list of vectors.lists) {
      const { held } = await hold(list.arrives);
      const listed = held && read.claims ? says(held, read.claims.card_number) : null;
      const letters = cells[name]![list.name]!;
      const situations = [...combinations()];
      expect(letters.length).toBe(situations.length);
      situations.forEach((situation, place) => {
        const verdict = told(listed ?? read.state, trustAgeDays(held, ring, now_ms), situation);
        expect(verdict, `${name}, ${list.name}, ${JSON.stringify(situation)}`).toBe(legend[letters[place]!]);
        if (verdict.startsWith("red")) expect(verdict).toMatch(/ no .* nameless$/);
      });
    }
  });
});

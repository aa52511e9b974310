/** The verdict: every row of the vectors, the hash over all combinations, and the same words as the Python twin. */

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import vectors from "../../vectors/verdict.json";
import { decide, type Shown } from "../core/verdict";
import { TEXTS } from "../core/verdict_texts";

describe("the verdict on a card", () => {
  it.each(vectors.rows)("$name", ({ shown, verdict }) => {
    expect(decide(shown as Shown)).toEqual(verdict);
  });

  it("agrees with its twin on every combination of inputs", () => {
    const fields = Object.keys(vectors.domain) as (keyof typeof vectors.domain)[];
    const hash = createHash("sha256");
    let count = 0;
    function go(place: number, shown: Record<string, unknown>): void {
      const field = fields[place];
      if (field !== undefined) {
        for (const value of vectors.domain[field]) go(place + 1, { ...shown, [field]: value });
        return;
      }
      const { colour, level, allowed, reason, needs, name_shown, alert } = decide(shown as unknown as Shown);
      hash.update(`${colour} ${level} ${+allowed} ${reason} ${needs.join(",")} ${+name_shown} ${+alert}\n`);
      count += 1;
    }

    go(0, {});

    expect(count).toBe(vectors.exhaustive.count);
    expect(hash.digest("hex")).toBe(vectors.exhaustive.sha256);
  });

  it("says the same sentences as its twin", () => {
    expect(TEXTS).toEqual(vectors.texts);
  });
});

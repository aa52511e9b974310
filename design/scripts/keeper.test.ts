import { describe, expect, it } from "vitest";
import { Keeper, type Said, type Tally } from "./keeper.ts";

function listener(): { heard: Said[]; postMessage: (said: Said) => void } {
  const heard: Said[] = [];
  return { heard, postMessage: (said) => heard.push(said) };
}

const tally = (whole: boolean, ...codes: number[]): string =>
  JSON.stringify({ at: "2026-11-12T05:00:00.000Z", cycle: "202601", whole, rows: codes.map((code) => [code, 1]) });

describe("the keeper of a shared stream", () => {
  it("gives a page that comes later the whole state, not the last change", () => {
    const keeper = new Keeper();
    keeper.say("tally", tally(true, 1, 2, 3), 0);
    keeper.say("tally", tally(false, 2), 0);
    const page = listener();

    keeper.join(page, 0);

    const told = page.heard.find((said) => said.name === "tally")?.data as Tally;
    expect(told.whole).toBe(true);
    expect(told.rows.map(([code]) => code).sort()).toEqual([1, 2, 3]);
  });

  it("forgets villages that a new whole state leaves out", () => {
    const keeper = new Keeper();
    keeper.say("tally", tally(true, 1, 2), 0);
    keeper.say("tally", tally(true, 1), 0);
    const page = listener();

    keeper.join(page, 0);

    expect((page.heard.find((said) => said.name === "tally")?.data as Tally).rows).toHaveLength(1);
  });

  it("gives only the entries behind the position that the page shows", () => {
    const keeper = new Keeper();
    for (const id of [1, 2, 3]) keeper.say("entry", JSON.stringify({ text: String(id) }), id);
    const page = listener();

    keeper.join(page, 2);

    expect(page.heard.filter((said) => said.name === "entry").map((said) => said.id)).toEqual([3]);
  });

  it("says no more to a page that left", () => {
    const keeper = new Keeper();
    const page = listener();
    keeper.join(page, 0);
    keeper.leave(page);

    keeper.state("ended");

    expect(page.heard).toEqual([{ name: "state", data: "lost" }]);
  });
});

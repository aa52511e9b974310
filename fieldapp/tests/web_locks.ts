/** Node has no Web Locks: here one after the other, by name, which is all that the app asks of them. */

import { vi } from "vitest";

const waiting = new Map<string, Promise<unknown>>();

/** This will give the tests of one file a navigator that has locks and nothing else. */
export function giveWebLocks(): void {
  vi.stubGlobal("navigator", {
    locks: {
      request<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
        const turn = (waiting.get(name) ?? Promise.resolve()).then(work);
        waiting.set(name, turn.catch(() => undefined));
        return turn;
      },
    },
  });
}

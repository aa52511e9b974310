/** Taps of one showing, one after the other: a chip is read twice in a moment, and the second reading counts with the first. */

import type { RawTap } from "../core/ticket";
import type { Act } from "../core/verdict";
import { presentTap, type Presented } from "./present";
import { route } from "./route.svelte";

/**
 * This will give what hears the taps of the screen that is shown now. Each tap is judged with the verdict of the tap
 * before it, however soon it comes, and shown in its place; nothing is shown to somebody who went on to another screen.
 */
export function inTurn(wanted: () => Act, before: Presented | null): (tap: RawTap) => void {
  let turn: Promise<void> = Promise.resolve();
  let shown = route.current;
  let last = before;
  async function judge(tap: RawTap): Promise<void> {
    if (route.current !== shown) return;
    const presented = await presentTap(tap, wanted(), last);
    if (route.current !== shown) return;
    route.replace({ name: "verdict", presented });
    [last, shown] = [presented, route.current];
  }
  return (tap) => {
    turn = turn.catch(() => undefined).then(() => judge(tap));
  };
}

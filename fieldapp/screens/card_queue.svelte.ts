/** Handing over cards in bulk: scan, verdict, two touches, the next. On until the companion ends it. */

import { watchPosition, type Point } from "../device/position";

export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** This will count the cards that were entrusted to this phone: handed over, and in all. */
export function progressOf(carried: Iterable<string>, handed_over: ReadonlySet<string>): Progress {
  const waiting = [...carried].filter((number) => !handed_over.has(number)).length;
  return { done: handed_over.size, total: handed_over.size + waiting };
}

class CardQueue {
  active = $state(false);
  /** Where the queue stands: looked for once, not at every card. */
  point = $state.raw<Point | null>(null);
  private stop: () => void = () => undefined;

  begin(): void {
    this.stop();
    this.active = true;
    this.point = null;
    this.stop = watchPosition((told) => {
      if (told.kind === "found") this.point = told.point;
    });
  }

  end(): void {
    this.active = false;
    this.stop();
  }
}

export const card_queue = new CardQueue();

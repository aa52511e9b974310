/** Which screen is shown. Kept in memory, never in the address: an address can be seen, shared and logged. */

import type { Act } from "../core/verdict";
import type { QueuedEvent } from "../store/database";
import type { DistributionDay, Family } from "../store/roster";
import { card_queue } from "./card_queue.svelte";
import type { Presented } from "./present";

export type Screen =
  | { name: "today" }
  | { name: "families" }
  | { name: "family"; family: Family }
  | { name: "scan"; act: Act; before?: Presented }
  | { name: "verdict"; presented: Presented }
  | { name: "deliver"; presented: Presented; family: Family }
  | { name: "hand_over"; presented: Presented; family: Family }
  | { name: "not_handed_over"; family: Family; card_number: string }
  | { name: "saved"; row: QueuedEvent; title: string; lines: readonly string[]; aid?: Presented }
  | { name: "visit"; family: Family }
  | { name: "home"; family: Family }
  | { name: "problem"; family: Family | null }
  | { name: "home_delivery"; family: Family }
  | { name: "day"; day: DistributionDay }
  | { name: "day_close"; day: DistributionDay }
  | { name: "register" }
  | { name: "registered"; row: QueuedEvent; number: string; head_name: string }
  | { name: "not_delivered"; family: Family }
  | { name: "paper"; family: Family }
  | { name: "parcels" }
  | { name: "receipt"; row: QueuedEvent }
  | { name: "settings" }
  | { name: "stock" }
  | { name: "give_lease" }
  | { name: "take_lease" }
  | { name: "records" }
  | { name: "help" };

class Route {
  private stack = $state.raw<readonly Screen[]>([{ name: "today" }]);

  constructor() {
    addEventListener("popstate", () => {
      if (this.stack.length > 1) this.stack = this.stack.slice(0, -1);
    });
  }

  get current(): Screen {
    return this.stack.at(-1) ?? { name: "today" };
  }

  /** This will go one screen deeper; the phone's back button returns. */
  open(screen: Screen): void {
    history.pushState(null, "");
    this.stack = [...this.stack, screen];
    scrollTo(0, 0);
  }

  /** This will put a screen in the place of this one, so that back does not return to a finished act. */
  replace(screen: Screen): void {
    this.stack = [...this.stack.slice(0, -1), screen];
    scrollTo(0, 0);
  }

  /** This will go back one screen. */
  back(): void {
    history.back();
  }

  /** This will begin anew at a main screen. */
  home(screen: Screen = { name: "today" }): void {
    card_queue.end();
    this.stack = [screen];
    scrollTo(0, 0);
  }
}

export const route = new Route();

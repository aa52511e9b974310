/**
 * The office is asked about the deliveries that the draw names, from the moment their screen opens, so that nobody waits:
 * a photo and a signature take longer than the answer. No network: no answer, and the delivery goes on.
 */

import type { Asked } from "../sync/online";
import { session } from "./session.svelte";

export class Asking {
  private answers = $state.raw<ReadonlyMap<string, Asked>>(new Map());
  private readonly going: Promise<unknown>;

  constructor(rights: readonly string[]) {
    this.going = Promise.all(rights.map((right) => this.ask(right)));
  }

  /** This will give why the office denies a right, or null. */
  denial(right: string): string | null {
    const answer = this.answers.get(right);
    return answer?.said === "denied" ? `${answer.sentence} ${answer.do}` : null;
  }

  /** This will wait until each question was answered, or its patience ended. */
  async settled(): Promise<void> {
    await this.going;
  }

  private async ask(right: string): Promise<void> {
    const answer = await session.askFirst(right);
    if (answer !== null) this.answers = new Map([...this.answers, [right, answer]]);
  }
}

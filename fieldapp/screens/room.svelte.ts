/** A record that the full phone has no room for waits for the person: once more, or let go. Nothing is called kept. */

import { isFull, NotKeptError } from "../store/full";

interface Question {
  /** How often it was tried already. */
  readonly tried: number;
  /** Once more, or not. */
  readonly answer: (again: boolean) => void;
}

export class Room {
  asked = $state.raw<Question | null>(null);

  /** This will do `write` once there is room for it; throws NotKeptError where the person lets it go. */
  async make<Value>(write: () => Promise<Value>): Promise<Value> {
    for (let tried = 1; ; tried++) {
      try {
        const done = await write();
        this.asked = null;
        return done;
      } catch (error) {
        if (!isFull(error)) throw error;
        const again = await new Promise<boolean>((answer) => (this.asked = { tried, answer }));
        if (again) continue;
        this.asked = null;
        throw new NotKeptError();
      }
    }
  }

  /** This will let go what waits: the app was locked. */
  letGo(): void {
    this.asked?.answer(false);
  }
}

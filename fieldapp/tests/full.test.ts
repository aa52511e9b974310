/** A full phone is told from any other fault, and a record waits for the person's word. */

import { describe, expect, it } from "vitest";
import { isFull, NotKeptError } from "../store/full";
import { Room } from "../screens/room.svelte";

const full = (): Error => Object.assign(new Error("aborted"), { inner: new DOMException("no room", "QuotaExceededError") });

describe("a full phone", () => {
  it("is not any fault of the store", () => {
    expect([new Error("x"), new DOMException("x", "ConstraintError"), null, "QuotaExceededError"].map(isFull)).toEqual([false, false, false, false]);
    expect(isFull(full())).toBe(true);
  });

  it("lets a record go only where the person says so, and any other fault through", async () => {
    const room = new Room();
    await expect(room.make(() => Promise.reject(new RangeError("too long")))).rejects.toThrow(RangeError);
    const made = room.make(() => Promise.reject(full()));
    await expect.poll(() => room.asked?.tried).toBe(1);
    room.letGo();
    await expect(made).rejects.toThrow(NotKeptError);
    expect(room.asked).toBeNull();
  });

  it("keeps a record once, at the try that finds room", async () => {
    const room = new Room();
    let tries = 0;
    const made = room.make(() => (++tries < 3 ? Promise.reject(full()) : Promise.resolve("kept")));
    for (const tried of [1, 2]) {
      await expect.poll(() => room.asked?.tried).toBe(tried);
      room.asked?.answer(true);
    }
    expect([await made, tries, room.asked]).toEqual(["kept", 3, null]);
  });
});

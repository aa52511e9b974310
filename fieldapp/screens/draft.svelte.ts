/** What is being typed survives a call, a lock, an empty battery: kept sealed at each change, forgotten once recorded. */

import { session } from "./session.svelte";

/**
 * This will bring back what was typed under `key` and keep it from now on; called while a screen is being made.
 * The answer forgets it.
 */
export function keepDraft<Value>(key: string, read: () => Value, write: (kept: Value) => void): () => Promise<void> {
  let loaded = $state(false);
  let recorded = false;
  void session.draft<Value>(key).then((kept) => {
    if (kept !== null) write(kept);
    loaded = true;
  });
  $effect(() => {
    const now = $state.snapshot(read()) as Value;
    if (loaded && !recorded) void session.keepDraft(key, now);
  });
  return async () => {
    recorded = true;
    await session.dropDraft(key);
  };
}

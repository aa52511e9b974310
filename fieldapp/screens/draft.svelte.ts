/** What is being typed survives a call, a lock, an empty battery: kept sealed at each change, forgotten once recorded. */

import { fromBase64Url, toBase64Url } from "../core/bytes";
import type { Photo } from "../device/photo";
import { isFull } from "../store/full";
import { session } from "./session.svelte";

export type Taken = { code: string; photo: Photo };

interface Photos {
  read: () => readonly Taken[];
  write: (kept: Taken[]) => void;
}

/**
 * This will bring back what was typed under `key`, and the photos that were taken for it, and keep both from now on;
 * called while a screen is being made. The answer forgets them.
 */
export function keepDraft<Value>(
  key: string,
  read: () => Value,
  write: (kept: Value) => void,
  photos?: Photos,
): () => Promise<void> {
  const forget = keep(key, read, write);
  if (photos === undefined) return forget;
  // apart from what is typed: they are large, and nobody waits for them at each key
  const forgetPhotos = keep<string[][]>(
    photosOf(key),
    () => photos.read().map(({ code, photo }) => [code, toBase64Url(photo.bytes)]),
    (kept) => photos.write(kept.map(([code = "", bytes = ""]) => ({ code, photo: { bytes: fromBase64Url(bytes), type: "image/jpeg" } }))),
  );
  return async () => {
    await Promise.all([forget(), forgetPhotos()]);
  };
}

/** This will forget what was typed on another screen, because it came to nothing. */
export async function forgetDraft(key: string): Promise<void> {
  await Promise.all([session.dropDraft(key), session.dropDraft(photosOf(key))]);
}

/** On a full phone what is typed is on the screen alone, until it is recorded and the screen says what is wrong. */
function unlessFull(error: unknown): void {
  if (!isFull(error)) throw error;
}

function photosOf(key: string): string {
  return `photos:${key}`;
}

function keep<Value>(key: string, read: () => Value, write: (kept: Value) => void): () => Promise<void> {
  let loaded = $state(false);
  let recorded = false;
  void session.draft<Value>(key).then((kept) => {
    if (kept !== null) write(kept);
    loaded = true;
  });
  $effect(() => {
    const now = $state.snapshot(read()) as Value;
    if (loaded && !recorded) session.keepDraft(key, now).catch(unlessFull);
  });
  return async () => {
    recorded = true;
    await session.dropDraft(key);
  };
}

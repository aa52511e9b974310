/** Photos without a network: as many as one file holds, and after them the next; none is deleted by it. */

import { FILE_MAX_CHARACTERS, sizeInFile, writePhotos, type CarriedPhoto } from "../core/courier_photos";
import type { Database } from "../store/database";

export interface PhotoFile {
  readonly text: string;
  readonly count: number;
  /** Where the next file goes on; null where this one holds the last. */
  readonly next: string | null;
}

/** This will write the photos from the name `from` on into a file; null where there are none. */
export async function exportPhotos(db: Database, dev: string, from = "", most = FILE_MAX_CHARACTERS): Promise<PhotoFile | null> {
  const photos: CarriedPhoto[] = [];
  let room = most;
  let next: string | null = null;
  for (const name of await db.blobs.where("sha256").aboveOrEqual(from).primaryKeys()) {
    const blob = await db.blobs.get(name);
    const row = blob && (await db.queue.where("id").equals(blob.event_id).first());
    if (!blob || !row) continue;
    room -= sizeInFile(blob);
    if (room < 0 && photos.length > 0) {
      next = name;
      break;
    }
    photos.push({ seq: row.seq, sha256: blob.sha256, key: blob.blob_key, bytes: blob.bytes });
  }
  return photos.length === 0 ? null : { text: writePhotos(dev, photos), count: photos.length, next };
}

/**
 * Photos carried by somebody else (docs/protocols/courier.md). Each was sealed to the server when it was taken, so the
 * file seals nothing again, and a phone whose keys were wiped can still write one. Twin of
 * betang/core/event/courier_photos.py; both are held by vectors/courier_photos.json.
 */

import { toBase64Url, type Bytes } from "./bytes";

/** The most that the server reads of one file, in characters: 16 MiB. */
export const FILE_MAX_CHARACTERS = 16 * 1024 * 1024;
/** What stands around the bytes of one photo, and around all of them, with room. */
const AROUND_ONE = 600;

export interface CarriedPhoto {
  /** The place of the event that names it. */
  readonly seq: number;
  readonly sha256: string;
  /** How the server opens it: the header `Blob-Key`. */
  readonly key: string;
  readonly bytes: Bytes;
}

/** This will write a file of photos. */
export function writePhotos(dev: string, photos: readonly CarriedPhoto[]): string {
  const told = photos.map(({ seq, sha256, key, bytes }) => ({ seq, sha256, key, bytes: toBase64Url(bytes) }));
  return JSON.stringify({ betang: "photos", v: 1, dev, photos: told });
}

/** This will say how much of a file one photo takes at most. */
export function sizeInFile({ bytes }: Pick<CarriedPhoto, "bytes">): number {
  return Math.ceil((bytes.length * 4) / 3) + AROUND_ONE;
}

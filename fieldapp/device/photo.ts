/** A photo as evidence: taken by the phone's camera, made small enough for 2G, without the EXIF it came with. */

import type { Bytes } from "../core/bytes";

/** Enough to recognise a face and a parcel; about 60 kB, so that a village of 178 families stays near 10 MB. */
const LONGEST_SIDE_PX = 960;
/** The office makes a picture of 160 pixels of it. */
export const PORTRAIT_SIDE_PX = 640;
const QUALITY = 0.6;

export interface Photo {
  readonly bytes: Bytes;
  readonly type: "image/jpeg";
}

/** This will draw the picture anew, smaller; what the camera wrote beside it (place, model) does not survive. */
export async function shrink(file: Blob, longest_px = LONGEST_SIDE_PX): Promise<Photo> {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, longest_px / Math.max(picture.width, picture.height));
  const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const small = await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  return { bytes: new Uint8Array(await small.arrayBuffer()), type: "image/jpeg" };
}

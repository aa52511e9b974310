/** zlib (RFC 1950) with a ceiling, so that a small code cannot unfold into a large one. */

import { concat, type Bytes } from "./bytes";

/** This will inflate `bytes`; throws RangeError when they are not zlib or give more than `length_max` bytes. */
export async function inflate(bytes: Bytes, length_max: number): Promise<Bytes> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return concat(...parts);
      length += value.length;
      if (length > length_max) {
        await reader.cancel();
        throw new RangeError("zlib: too long");
      }
      parts.push(value);
    }
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new RangeError("zlib: malformed", { cause: error });
  }
}

/**
 * zlib (RFC 1950) with a ceiling, so that a small code cannot unfold into a large one. Some engines pass over bytes
 * behind the end; the checksum must therefore be the last thing in the input.
 */

import { concat, type Bytes } from "./bytes";

/** This will inflate `bytes`; throws RangeError when they are not zlib or give more than `length_max` bytes. */
export async function inflate(bytes: Bytes, length_max: number): Promise<Bytes> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return wholeInput(bytes, concat(...parts));
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

/** This will deflate `bytes` into zlib. */
export async function deflate(bytes: Bytes): Promise<Bytes> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

function wholeInput(packed: Bytes, unpacked: Bytes): Bytes {
  const checksum = new DataView(packed.buffer, packed.byteOffset, packed.byteLength).getUint32(packed.length - 4);
  if (checksum !== adler32(unpacked)) throw new RangeError("zlib: bytes behind the end");
  return unpacked;
}

/** The checksum of RFC 1950, section 8.2. */
function adler32(bytes: Bytes): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}

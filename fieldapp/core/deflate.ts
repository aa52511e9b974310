/** gzip (RFC 1952), for what travels over 2G. */

import type { Bytes } from "./bytes";

/** This will pack `bytes`. */
export async function gzip(bytes: Bytes): Promise<Bytes> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** Which deliveries are asked about before they are made, where there is a network; twin of `betang/core/lease/drawn.py`. */

import { concat, fromHex, sha256, utf8 } from "./bytes";

/** Three in a hundred: some five questions a village and cycle. */
const SHARE = 0.03;
const SCALE = 1 << 16;
/** A lease that a transfer made (version 8): the office may not have heard of it, and would deny it. */
const FROM_A_PHONE = "8";

/** This will say whether the delivery of this right under this lease is drawn (docs/protocols/lease.md, section 6). */
export async function isDrawn(lease: string, entitlement: string): Promise<boolean> {
  if (lease.charAt(14) === FROM_A_PHONE) return false;
  const digest = await sha256(concat(utf8("betang/drawn/1"), fromHex((lease + entitlement).replaceAll("-", ""))));
  return new DataView(digest.buffer).getUint16(0) < Math.round(SHARE * SCALE);
}

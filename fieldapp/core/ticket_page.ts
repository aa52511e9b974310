/**
 * The ticket roster on the wire, read strictly: of each page there is one spelling, and anything else is refused. The
 * twin of betang/core/card/ticket_page.py; normative: docs/protocols/tickets.md; cases: vectors/ticket.json.
 */

import { toHex, type Bytes } from "./bytes";
import { SALT_BYTES, TICKET_BYTES, type Segment } from "./ticket";

const MAGIC = [0x42, 0x54, 0x52, 0x01] as const; // "BTR", version 1
const HEAD_BYTES = MAGIC.length + SALT_BYTES + 3 * 4 + 2;
const UID_BYTES = 7;
const SEGMENT_BYTES = UID_BYTES + 3 + 2;
const PAGE_BYTES_MAX = 1 << 20;
const COUNT_MAX = 1_024;
const COUNTER_MAX = 0xffffff;

export class PageRefusedError extends Error {}

/** What changed from revision `since` (0: from nothing) to `revision`, of `newest` in all. */
export interface Page {
  readonly salt: Bytes;
  readonly since: number;
  readonly revision: number;
  readonly newest: number;
  /** In the order of UID and first counter; a card's withdrawal comes before its new tickets. */
  readonly segments: readonly Segment[];
}

/** This will read a page; throws PageRefusedError, never anything else. */
export function readPage(data: Bytes): Page {
  if (data.length < HEAD_BYTES || data.length > PAGE_BYTES_MAX) throw new PageRefusedError("length");
  if (MAGIC.some((byte, place) => data[place] !== byte)) throw new PageRefusedError("not a page of this version");
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const numbers = MAGIC.length + SALT_BYTES;
  const [since, revision, newest] = [view.getUint32(numbers), view.getUint32(numbers + 4), view.getUint32(numbers + 8)];
  if (since > revision || revision > newest) throw new PageRefusedError("revisions fall");
  const segments: Segment[] = [];
  let at = HEAD_BYTES;
  for (let left = view.getUint16(numbers + 12); left > 0; left--) {
    if (at + SEGMENT_BYTES > data.length) throw new PageRefusedError("cut short");
    const uid = toHex(data.subarray(at, at + UID_BYTES));
    const first = (view.getUint8(at + UID_BYTES) << 16) | view.getUint16(at + UID_BYTES + 1);
    const count = view.getUint16(at + UID_BYTES + 3);
    at += SEGMENT_BYTES;
    const end = at + count * TICKET_BYTES;
    if (end > data.length) throw new PageRefusedError("cut short");
    segments.push(inOrder({ uid, first, tickets: data.slice(at, end) }, segments.at(-1)));
    at = end;
  }
  if (at !== data.length) throw new PageRefusedError("bytes behind the end");
  return { salt: data.slice(MAGIC.length, numbers), since, revision, newest, segments };
}

/** This will give `one` if it may stand behind `before`; throws PageRefusedError. */
function inOrder(one: Segment, before: Segment | undefined): Segment {
  const count = one.tickets.length / TICKET_BYTES;
  if ((count === 0) !== (one.first === 0)) throw new PageRefusedError("counters out of order");
  if (count > COUNT_MAX || one.first + count - 1 > COUNTER_MAX) throw new PageRefusedError("too many readings");
  if (before === undefined || one.uid > before.uid) return one;
  const free_from = Math.max(1, before.first + before.tickets.length / TICKET_BYTES);
  if (one.uid < before.uid || one.first < free_from) throw new PageRefusedError("out of order");
  return one;
}

/** The field event: made once, signed as it is, chained by the hash of its payload (docs/protocols/event.md). */

import { sha256, toHex, utf8 } from "./bytes";
import { compactJws } from "./es256";

export const PAYLOAD_MAX_BYTES = 16_384;
export const EVENT_TYP = "betang-event+jws";
/** What stands before the first event of a chain. */
export const GENESIS = "0".repeat(64);

export interface Link {
  readonly seq: number;
  readonly payload_sha256: string;
}

export interface EventFacts {
  readonly dev: string;
  readonly id: string;
  readonly type: string;
  /** Device time, RFC 3339 UTC with milliseconds. */
  readonly at: string;
  readonly mono_ms: number;
  readonly lease: string | null;
  readonly data: Record<string, unknown>;
}

export interface SignedEvent extends Link {
  readonly jws: string;
}

/** This will sign `facts` as the event after `last` (null: the first of the chain). */
export async function signEvent(key: CryptoKey, facts: EventFacts, last: Link | null): Promise<SignedEvent> {
  const { dev, id, type, at, mono_ms, lease, data } = facts;
  const seq = (last?.seq ?? 0) + 1;
  const prev = last?.payload_sha256 ?? GENESIS;
  const payload = utf8(JSON.stringify({ v: 1, dev, seq, prev, id, type, at, mono_ms, lease, data }));
  if (payload.length > PAYLOAD_MAX_BYTES) throw new RangeError("event: too large");
  return {
    seq,
    payload_sha256: toHex(await sha256(payload)),
    jws: await compactJws(key, { alg: "ES256", kid: dev, typ: EVENT_TYP }, payload),
  };
}

/** This will give the receipt number that the family is told. */
export function receiptNumber(dev: string, seq: number): string {
  return `${dev}-${seq}`;
}

/** A lease: which rights this device alone may deliver, and until when (docs/protocols/lease.md). */

import { publicKeyFromPoint } from "./es256";
import { openJws, readJws, SignatureError } from "./jws";
import { trusted, type Ring } from "./ring";

export const LEASE_TYP = "betang-lease+jws";

export interface Lease {
  readonly uuid: string;
  readonly cycle: string;
  readonly issued_at: string;
  readonly not_after: string;
  readonly rights: ReadonlySet<string>;
}

/** A lease with the device that it was given to, and the number of the key that signed it. */
export interface NamedLease extends Lease {
  readonly kid: number;
  readonly dev: string;
  readonly thumbprint: string;
}

/** This will open a lease signed for exactly this device; throws SignatureError otherwise. */
export async function openLease(
  jws: string,
  ring: Ring,
  device: { short_id: string; thumbprint: string },
): Promise<Lease> {
  const lease = await readLease(jws, ring);
  if (lease.dev !== device.short_id || lease.thumbprint !== device.thumbprint) {
    throw new SignatureError("lease: for another device");
  }
  return lease;
}

/** This will open a lease of any device; throws SignatureError where no lease key of the ring signed it. */
export async function readLease(jws: string, ring: Ring): Promise<NamedLease> {
  const read = readJws(jws, LEASE_TYP);
  const kid = Number(read.header["kid"]);
  const key = trusted(ring, kid, "lease");
  if (typeof key === "string") throw new SignatureError(`lease: ${key}`);
  const payload = await openJws(read, await publicKeyFromPoint(key.point));
  if (payload["v"] !== 1) throw new SignatureError("lease: another version");
  return {
    kid,
    uuid: String(payload["lease"]),
    dev: String(payload["dev"]),
    thumbprint: String(payload["thumbprint"]),
    cycle: String(payload["cycle"]),
    issued_at: String(payload["issued_at"]),
    not_after: String(payload["not_after"]),
    rights: new Set((payload["rights"] as unknown[]).map(String)),
  };
}

/** This will say whether `lease` may be used at `now_ms`. */
export function holds(lease: Lease, entitlement: string, now_ms: number): boolean {
  return lease.rights.has(entitlement) && isLive(lease, now_ms);
}

/** This will say whether the lease has begun and has not ended. */
export function isLive(lease: Lease, now_ms: number): boolean {
  return Date.parse(lease.issued_at) <= now_ms && now_ms <= Date.parse(lease.not_after);
}

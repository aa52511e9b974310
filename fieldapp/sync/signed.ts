/** What stands and falls with signatures: the leases that count here, what came from other phones, and the list of cards. */

import { openLease, type Lease } from "../core/lease";
import { SignatureError } from "../core/jws";
import type { RevocationList } from "../core/revocation";
import type { Ring } from "../core/ring";
import type { Database, Identity } from "../store/database";
import type { Office } from "../store/roster";
import { heldLeases, type Held } from "../store/transfers";
import { heldList } from "./trust";

export interface Signed {
  readonly leases: readonly Lease[];
  readonly list: RevocationList | null;
  /** Nothing is told of it where there is nothing to verify with. */
  readonly handed?: Held["families"];
}

/** This will verify what is kept against the ring, and note when each lease was first seen. */
export async function readSigned(db: Database, ring: Ring | null, identity: Identity, office: Office | null): Promise<Signed> {
  if (!ring || !office) return { leases: [], list: null };
  const leases: Lease[] = [];
  for (const { jws } of office.leases) {
    try {
      leases.push(await openLease(jws, ring, identity));
    } catch (error) {
      if (!(error instanceof SignatureError)) throw error; // a lease that is not ours gives no right
    }
  }
  const { at } = (await db.read<Office>("office")) ?? office;
  const held = await heldLeases(db, leases, at, ring);
  for (const { uuid } of held.leases) {
    const key = `leased_at:${uuid}`;
    if ((await db.read<number>(key)) === undefined) await db.write(key, Date.now());
  }
  return { leases: held.leases, handed: held.families, list: await heldList(db, ring, office.issuer ?? null) };
}

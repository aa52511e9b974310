/** Recording that a family got what it is due: one event a right, whether the phone was there or a paper tells of it. */

import type { QueuedEvent } from "../store/database";
import type { Entitlement, Family } from "../store/roster";
import { collectorData, collectorSealed, type Collected } from "./collecting";
import type { Taken } from "./draft.svelte";
import { session } from "./session.svelte";

/** What all rights of one deed share. */
export interface Deed<Right> {
  readonly family: Family;
  readonly collected: Collected;
  /** They go with the first record: one meeting, one set of pictures. */
  readonly photos: readonly Taken[];
  /** What stands in the signed event of a right, beside right, part, lease and who collected. */
  readonly data: (one: Right) => Record<string, unknown>;
  /** What is sealed beside who collected. */
  readonly personal: Record<string, unknown>;
}

/** This will record each right that may be delivered now; gives the last record, or null where none may. */
export async function recordDeliveries<Right extends { right: Entitlement }>(
  rights: readonly Right[],
  deed: Deed<Right>,
): Promise<QueuedEvent | null> {
  let row: QueuedEvent | null = null;
  for (const one of rights) row = (await recordOne(one, deed, row === null)) ?? row;
  return row;
}

/** The lease and the part are asked again at the last moment: the clock may have passed the end meanwhile. */
async function recordOne<Right extends { right: Entitlement }>(one: Right, deed: Deed<Right>, first: boolean): Promise<QueuedEvent | null> {
  const { right } = one;
  const permission = session.permission(right.uuid);
  const part = session.nextPart(right);
  if (permission === null || part === null) return null;
  const { family, collected } = deed;
  const photos = first ? deed.photos : [];
  return session.record({
    type: "benefit.delivered",
    lease: permission.lease,
    subjects: [right.uuid, family.household.uuid],
    data: { entitlement: right.uuid, part, ...collectorData(collected), online: permission.online, ...deed.data(one) },
    personal: {
      ...collectorSealed(collected),
      ...deed.personal,
      photo_of: photos.length > 0 ? photos.map(({ code }) => code) : null,
    },
    photos: photos.map(({ photo }) => photo.bytes),
  });
}

/** A card is handed over: the same record from the form and from the queue, and what comes after it. */

import { readable } from "../core/numbers";
import type { Photo } from "../device/photo";
import type { Point } from "../device/position";
import type { Family } from "../store/roster";
import { collectorData, collectorSealed, type Collected } from "./collecting";
import { homePoint } from "./home_point";
import { presentAgain, type Presented } from "./present";
import type { Screen } from "./route.svelte";
import { session } from "./session.svelte";

export interface HandedTo {
  readonly collected: Collected;
  readonly at_home: boolean;
  readonly point: Point | null;
  readonly photos: readonly { code: string; photo: Photo }[];
}

/** This will record the hand-over of the card that was shown, and give the screen that follows. */
export async function handOver(presented: Presented, family: Family, number: string, to: HandedTo): Promise<Screen> {
  const { collected, at_home, point, photos } = to;
  const row = await session.record({
    type: "card.handed_over",
    lease: null,
    subjects: [number, family.household.uuid],
    data: {
      card: number,
      ...collectorData(collected),
      qr: presented.claims !== null,
      taps: presented.taps,
      point,
      home_point: homePoint(at_home, point, family.household.home !== null),
    },
    personal: {
      ...collectorSealed(collected),
      home: at_home ? point : null,
      photo_of: photos.length > 0 ? photos.map(({ code }) => code) : null,
    },
    photos: photos.map(({ photo }) => photo.bytes),
  });
  const aid = presentAgain(presented, "deliver");
  const lines = [family.household.head_name, `Kartu ${readable(number)}`];
  return { name: "saved", row, title: "Kartu diserahkan", lines, ...(aid.verdict.allowed ? { aid } : {}) };
}

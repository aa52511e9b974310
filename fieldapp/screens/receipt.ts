/** A receipt that can be shown again: read out of the record that was signed, never from what the screen remembers. */

import { fromBase64Url, fromUtf8 } from "../core/bytes";
import type { QueuedEvent } from "../store/database";
import type { Goods, Office, OpenRoster } from "../store/roster";
import { dayAndTime, goods, rupiah } from "./wording";

export interface Receipt {
  readonly name: string;
  readonly benefit: string;
  readonly lines: readonly string[];
  readonly at: string;
  /** When it was typed in from paper, if it was. */
  readonly typed_at: string | null;
}

interface DeliveredData {
  entitlement?: string;
  goods?: Goods[];
  paper_at?: string;
}

/** This will give what a signed record says; it was signed here, so it is not verified again. */
export function dataOf(row: QueuedEvent): Record<string, unknown> {
  const payload = JSON.parse(fromUtf8(fromBase64Url(row.jws.split(".")[1] ?? ""))) as { data: Record<string, unknown> };
  return payload.data;
}

/** This will read the receipt of a delivery, as far as the roster still knows its family. */
export function receiptOf(row: QueuedEvent, data: Record<string, unknown>, roster: OpenRoster, office: Office | null): Receipt {
  const told = data as DeliveredData;
  const family = roster.families.get(row.subjects[1] ?? "");
  const right = family?.entitlements.find(({ uuid }) => uuid === told.entitlement);
  const benefit = office?.benefits.find(({ uuid }) => uuid === right?.benefit);
  const given = told.goods ?? benefit?.goods ?? [];
  return {
    name: family?.household.head_name ?? "Keluarga ini tidak lagi di HP ini",
    benefit: benefit?.name ?? "Bantuan",
    lines: given.length > 0 ? given.map(goods) : benefit ? [rupiah(benefit.amount_rupiah)] : [],
    at: dayAndTime(told.paper_at ?? row.at),
    typed_at: told.paper_at ? dayAndTime(row.at) : null,
  };
}

/**
 * The roster: the families this device may serve, each sealed on the flash, all open in memory while unlocked.
 * What a bundle says of programmes, cycles and areas is no secret and is kept as it came.
 */

import { grouped } from "../core/grouped";
import type { Database } from "./database";
import { portraitName } from "./portraits";
import { openRow, rowName, sealRow, wipeRoster, type OpenVault } from "./vault";

export interface Goods {
  readonly item: string;
  readonly quantity: number;
  readonly unit: string;
}

export interface Member {
  readonly uuid: string;
  readonly name: string;
  readonly last4: string | null;
  readonly relation: string;
  readonly head: boolean;
  readonly presence: "alive" | "deceased" | "moved";
}

export interface Household {
  readonly uuid: string;
  readonly number: string;
  readonly village: string;
  readonly head_name: string;
  readonly rt: string | null;
  readonly rw: string | null;
  readonly address: string | null;
  readonly dwelling: string | null;
  readonly anchor: string | null;
  /** Who takes messages for a family without a house. */
  readonly custodian?: string | null;
  readonly home: { lat: number; lng: number; accuracy_m: number; grade: string | null } | null;
  readonly members: readonly Member[];
}

export interface Entitlement {
  readonly uuid: string;
  readonly household: string;
  readonly cycle: string;
  readonly benefit: string;
  readonly parts_allowed: number;
  readonly parts_delivered: number;
  readonly state: "open" | "reserved" | "delivered" | "paid" | "cancelled";
}

export interface RosterCard {
  readonly number: string;
  readonly household: string;
  readonly uid: string | null;
  readonly counter: number;
  readonly state: string;
  /** Entrusted to this device for handing over. */
  readonly custody: boolean;
  readonly expires_on: string;
}

/** Cards that this phone's companion carries and did not count yet. */
export interface Parcel {
  readonly uuid: string;
  readonly sent_at: string;
  readonly count: number;
  readonly numbers: readonly string[];
}

export interface Family {
  readonly household: Household;
  readonly entitlements: readonly Entitlement[];
  readonly cards: readonly RosterCard[];
}

export interface Benefit {
  readonly uuid: string;
  readonly programme: string;
  readonly code: string;
  readonly name: string;
  readonly channel: string;
  readonly amount_rupiah: number;
  readonly goods: readonly Goods[];
}

export interface Programme {
  readonly uuid: string;
  readonly name: string;
  readonly card_name: string;
  readonly tap_required: boolean;
}

export interface Cycle {
  readonly uuid: string;
  readonly programme: string;
  readonly name: string;
  readonly closes_on: string;
}

/** One family's place in the queue of a day, or the day on which the aid is brought to it. */
export interface Invitation {
  readonly household: string;
  readonly queue: number;
  /** `09:30`, WIB. */
  readonly slot: string;
  readonly mode: "point" | "home";
}

/** A day at a point where this device serves. */
export interface DistributionDay {
  readonly uuid: string;
  readonly point: { uuid: string; name: string; village: string; lat: number | null; lng: number | null };
  readonly cycle: string;
  readonly date: string;
  readonly opens: string;
  readonly closes: string;
  readonly state: "planned" | "opened" | "closed";
  readonly invitations: readonly Invitation[];
}

/** The part of a bundle that names no family. */
export interface Office {
  readonly version: string;
  readonly at: string;
  readonly areas: readonly { code: string; name: string; level: number; parent: string }[];
  readonly programmes: readonly Programme[];
  readonly cycles: readonly Cycle[];
  readonly benefits: readonly Benefit[];
  readonly leases: readonly { uuid: string; not_after: string; jws: string }[];
  /** HOST of the cards: a card or list of another issuer is none of ours. */
  readonly issuer: string;
  /** Numbers name nobody by themselves. */
  readonly parcels?: readonly Parcel[];
}

export interface Bundle extends Office {
  readonly owner_name: string;
  readonly households: readonly Household[];
  readonly entitlements: readonly Entitlement[];
  readonly cards: readonly RosterCard[];
  readonly days?: readonly DistributionDay[] | null;
}

export interface OpenRoster {
  readonly owner_name: string;
  readonly days: readonly DistributionDay[];
  readonly families: ReadonlyMap<string, Family>;
  readonly by_card: ReadonlyMap<string, { family: Family; card: RosterCard }>;
}

/** The sections of a bundle that this app can put together again from what it keeps: it need not be sent them twice. */
export const KEPT_SECTIONS = [
  "areas",
  "programmes",
  "cycles",
  "benefits",
  "leases",
  "households",
  "entitlements",
  "cards",
  "days",
  "parcels",
] as const;
type Section = (typeof KEPT_SECTIONS)[number];

/** A bundle as it came: `kept` names sections that are as this phone holds them, and were not sent. */
export type PartialBundle = Omit<Bundle, Section> & Partial<Pick<Bundle, Section>> & { readonly kept?: readonly string[] };

/** What is not one family's; the days name families, so they are sealed too. */
interface OwnerRow {
  owner_name: string;
  days?: readonly DistributionDay[];
}

const OWNER = "owner";
/** As long as a lease usually lasts: a phone without a lease keeps its families for so long without a contact. */
const KEPT_WITHOUT_LEASE_MS = 7 * 86_400_000;

/** This will replace the roster by `bundle` in one transaction: all of it, or the one before. */
export async function keepBundle(db: Database, vault: OpenVault, bundle: Bundle, kept_at_ms: number): Promise<void> {
  const { roster_key, index_key } = vault;
  const rows = await Promise.all(
    familiesOf(bundle).map(async (family) => ({
      key: await rowName(index_key, `family:${family.household.uuid}`),
      sealed: await sealRow(roster_key, family),
    })),
  );
  const { owner_name, days } = bundle;
  rows.push({ key: OWNER, sealed: await sealRow(roster_key, { owner_name, ...(days && { days }) } satisfies OwnerRow) });
  const { version, at, areas, programmes, cycles, benefits, leases, issuer, parcels = [] } = bundle;
  const office: Office = { version, at, areas, programmes, cycles, benefits, leases, issuer, parcels };
  const faces = new Set(await Promise.all(bundle.households.map(({ uuid }) => portraitName(vault, uuid))));
  await db.transaction("rw", db.meta, db.roster, db.portraits, async () => {
    await db.roster.clear();
    await db.roster.bulkPut(rows);
    await db.portraits.filter(({ key }) => !faces.has(key)).delete(); // of families that are no longer this phone's
    await db.write("office", office);
    await db.write("bundle_kept_at_ms", kept_at_ms);
    await db.meta.delete("roster_ended");
  });
}

/** This will give when the roster ends: with the longest lease, and not before a week without a contact. */
export function rosterEndsMs(office: Pick<Office, "leases">, kept_at_ms: number): number {
  const leases = office.leases.map(({ not_after }) => Date.parse(not_after)).filter(Number.isFinite);
  return Math.max(kept_at_ms + KEPT_WITHOUT_LEASE_MS, ...leases);
}

/** This will destroy a roster whose time is over, and say whether it did; what was signed stays and can be sent. */
export async function endRoster(db: Database, now_ms: number): Promise<boolean> {
  const office = await db.read<Office>("office");
  const kept_at_ms = await db.read<number>("bundle_kept_at_ms");
  if (office === undefined || kept_at_ms === undefined || now_ms <= rosterEndsMs(office, kept_at_ms)) return false;
  await wipeRoster(db);
  await db.write("roster_ended", true);
  return true;
}

/** This will open the whole roster into memory. */
export async function openRoster(db: Database, roster_key: CryptoKey): Promise<OpenRoster> {
  const rows = await db.roster.toArray();
  let owner: OwnerRow = { owner_name: "" };
  const families = new Map<string, Family>();
  const by_card = new Map<string, { family: Family; card: RosterCard }>();
  await Promise.all(
    rows.map(async (row) => {
      if (row.key === OWNER) {
        owner = await openRow<OwnerRow>(roster_key, row.sealed);
        return;
      }
      const family = await openRow<Family>(roster_key, row.sealed);
      families.set(family.household.uuid, family);
      for (const card of family.cards) by_card.set(card.number, { family, card });
    }),
  );
  return { owner_name: owner.owner_name, days: owner.days ?? [], families, by_card };
}

/** This will fill in what was not sent from what is held; throws RangeError for a section that is not. */
export async function complete(db: Database, roster_key: CryptoKey, told: PartialBundle): Promise<Bundle> {
  const kept = told.kept ?? [];
  if (kept.length === 0) return told as Bundle;
  const office = await db.read<Office>("office");
  const families = [...(await openRoster(db, roster_key)).families.values()];
  const held: Partial<Record<string, unknown>> = {
    ...office,
    households: families.map((family) => family.household),
    entitlements: families.flatMap((family) => family.entitlements),
    cards: families.flatMap((family) => family.cards),
    days: await daysHeld(db, roster_key),
  };
  const whole: Record<string, unknown> = { ...told };
  for (const name of kept) {
    if (!KEPT_SECTIONS.includes(name as Section) || held[name] === undefined) throw new RangeError(`bundle: ${name} is not held`);
    whole[name] = held[name];
  }
  return whole as unknown as Bundle;
}

/** This will give the days as they are held; undefined where an app kept the bundle that knew of none. */
async function daysHeld(db: Database, roster_key: CryptoKey): Promise<OwnerRow["days"]> {
  const row = await db.roster.get(OWNER);
  return row && (await openRow<OwnerRow>(roster_key, row.sealed)).days;
}

function familiesOf(bundle: Bundle): Family[] {
  const entitlements = grouped(bundle.entitlements, (right) => right.household);
  const cards = grouped(bundle.cards, (card) => card.household);
  return bundle.households.map((household) => ({
    household,
    entitlements: entitlements.get(household.uuid) ?? [],
    cards: cards.get(household.uuid) ?? [],
  }));
}

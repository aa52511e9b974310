/**
 * What this phone handed to another and took from another without a network (docs/protocols/lease.md, section 3). The
 * signed events in the queue rule: a right is given away from the moment that its event is kept, and held from the
 * moment that ours is. What is kept beside them only says how to show it again.
 */

import type { Offer } from "../core/handoff";
import type { Lease } from "../core/lease";
import { trusted, type Ring } from "../core/ring";
import type { Database, Decision, QueuedEvent } from "./database";

/** A right belongs to another phone now, or was delivered here: the last look before a signature. */
export class NotHeldError extends Error {}

/** What this phone hands over: enough to sign what is missing and to show the frames once more. */
export interface Give {
  readonly offer: Offer;
  readonly at_ms: number;
  readonly family_count: number;
  /** In the order in which they are shown. */
  readonly events: readonly { lease: string; rights: readonly string[] }[];
  /** Whose the rights are, as it is shown (JSON). */
  readonly families: string;
  /** The signed leases that name them. */
  readonly leases: readonly string[];
  /** When the receiver's receipt was read; null until then. */
  readonly acknowledged_at_ms: number | null;
}

export interface TakenFamily {
  readonly number: string;
  readonly village: string;
  readonly rights: readonly { uuid: string; benefit: string }[];
}

/** A lease that another phone's transfer made. */
export interface Taken {
  readonly uuid: string;
  readonly giver: string;
  /** The number of the office's key that signed the giver's lease: what the ring says of it later counts here too. */
  readonly lease_kid: number;
  readonly cycle: string;
  readonly issued_at: string;
  readonly not_after: string;
  readonly rights: readonly string[];
  readonly families: readonly TakenFamily[];
}

const GIVES = "gives";
const TAKES = "takes";
const OFFERS = "offers";
/** The giver may have read one code, and this phone have made another since. */
const OFFERS_MAX = 5;

/** This will give what was handed over, the newest first. */
export async function gives(db: Database): Promise<Give[]> {
  return (await db.read<Give[]>(GIVES)) ?? [];
}

/** This will keep a handing over, or what changed of it. */
export async function keepGive(db: Database, give: Give): Promise<void> {
  const others = (await gives(db)).filter(({ offer }) => offer.challenge !== give.offer.challenge);
  await db.write(GIVES, [give, ...others]);
}

/** This will give the signed transfers of a handing over, in the order of their signatures. */
export async function signedOf(db: Database, give: Give): Promise<QueuedEvent[]> {
  const rows = await db.queue.where("subjects").equals(give.offer.challenge).sortBy("seq");
  return rows.filter((row) => row.type === "lease.transferred");
}

/** This will give the offers that a giver may still answer, the newest first. */
export async function offers(db: Database): Promise<Offer[]> {
  return (await db.read<Offer[]>(OFFERS)) ?? [];
}

/** This will keep an offer before it is shown. */
export async function keepOffer(db: Database, offer: Offer): Promise<void> {
  await db.write(OFFERS, [offer, ...(await offers(db))].slice(0, OFFERS_MAX));
}

/** This will forget an offer that was answered. */
export async function dropOffer(db: Database, offer: Offer): Promise<void> {
  await db.write(OFFERS, (await offers(db)).filter(({ challenge }) => challenge !== offer.challenge));
}

/** This will keep what was taken, before it is signed: without the event it is nothing. */
export async function keepTaken(db: Database, taken: readonly Taken[]): Promise<void> {
  const known = (await db.read<Taken[]>(TAKES)) ?? [];
  const fresh = taken.filter(({ uuid }) => !known.some((one) => one.uuid === uuid));
  await db.write(TAKES, [...known, ...fresh]);
}

/** This will say whether this phone has signed for the lease of that name. */
export async function isSignedFor(db: Database, lease: string): Promise<boolean> {
  return (await receivedRow(db, lease)) !== undefined;
}

export interface Held {
  readonly leases: readonly Lease[];
  /** Families of leases that came from another phone, by household number. */
  readonly families: ReadonlyMap<string, TakenFamily & { readonly cycle: string }>;
}

/**
 * This will give the leases that count here: those of the office without what was given away, and those taken from
 * another phone until a bundle that knows of them has come. `ring` is the one that is held now: a lease key that it
 * revokes takes what came from another phone with it, as it takes the office's own leases.
 */
export async function heldLeases(db: Database, of_office: readonly Lease[], office_at: string, ring: Ring): Promise<Held> {
  const gone = await givenAway(db);
  const kept = of_office.map((lease) => {
    const away = gone.get(lease.uuid);
    return away === undefined ? lease : { ...lease, rights: new Set([...lease.rights].filter((right) => !away.has(right))) };
  });
  const known = new Set(of_office.map(({ uuid }) => uuid));
  const families = new Map<string, TakenFamily & { cycle: string }>();
  for (const taken of (await db.read<Taken[]>(TAKES)) ?? []) {
    if (!known.has(taken.uuid) && !(vouchedFor(taken, ring) && (await stillHeld(db, taken, office_at)))) continue;
    for (const family of taken.families) {
      const before = families.get(family.number)?.rights ?? [];
      families.set(family.number, { ...family, rights: [...before, ...family.rights], cycle: taken.cycle });
    }
    const { uuid, cycle, issued_at, not_after, rights } = taken;
    if (!known.has(uuid)) kept.push({ uuid, cycle, issued_at, not_after, rights: new Set(rights) });
  }
  return { leases: kept, families };
}

/** This will refuse to sign what this phone may not say any more; it is asked while no other tab can sign. */
export async function refuseNotHeld(db: Database, type: string, lease: string | null, subjects: readonly string[]): Promise<void> {
  const rights = type === "benefit.delivered" ? subjects.slice(0, 1) : type === "lease.transferred" ? subjects.slice(2) : [];
  for (const row of await db.queue.where("subjects").anyOf(rights).toArray()) {
    const away = row.type === "lease.transferred" && row.subjects[0] === lease;
    const used = row.type === "benefit.delivered" && type === "lease.transferred";
    if (away || used) throw new NotHeldError(row.type);
  }
}

/** The signature was verified when it was taken; an app that kept no number then waits for the office's own lease. */
function vouchedFor({ lease_kid }: Taken, ring: Ring): boolean {
  return typeof trusted(ring, lease_kid, "lease") !== "string";
}

/** This will say whether the server has not heard yet of something that went from phone to phone here. */
export async function isHandingUnsent(db: Database): Promise<boolean> {
  const unsent = (row: QueuedEvent): boolean =>
    (row.type === "lease.transferred" || row.type === "lease.received") && (row.state === "kept" || row.state === "held");
  return (await db.queue.filter(unsent).first()) !== undefined;
}

/** The server's word ends what two phones agreed on: after it only a bundle counts, and one that is newer than it. */
async function stillHeld(db: Database, taken: Taken, office_at: string): Promise<boolean> {
  const row = await receivedRow(db, taken.uuid);
  if (row === undefined || row.state === "fork") return false;
  const decision: Decision | undefined = (
    await db.decisions.where("event_sha256").equals(row.payload_sha256).sortBy("number")
  ).at(-1);
  if (decision === undefined || decision.outcome === "parked") return true;
  const goes_on = decision.outcome === "accepted" && decision.code !== "transfer.revoked";
  return goes_on && Date.parse(office_at) <= Date.parse(decision.at);
}

async function receivedRow(db: Database, lease: string): Promise<QueuedEvent | undefined> {
  return db.queue.where("subjects").equals(lease).filter((row) => row.type === "lease.received").first();
}

async function givenAway(db: Database): Promise<Map<string, Set<string>>> {
  const away = new Map<string, Set<string>>();
  for (const { subjects } of await db.queue.filter((row) => row.type === "lease.transferred").toArray()) {
    const [lease = "", , ...rights] = subjects;
    away.set(lease, new Set([...(away.get(lease) ?? []), ...rights]));
  }
  return away;
}

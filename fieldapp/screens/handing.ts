/** Handing rights to another phone and taking them from one, without a network (docs/protocols/lease.md, section 3). */

import { random, sha256, toHex, utf8, type Bytes } from "../core/bytes";
import { pointOf } from "../core/es256";
import { grouped } from "../core/grouped";
import { givenOf, HandoffRefusedError, isReceipt, readHandoff, writeHandoff, type Given, type Handoff, type Offer } from "../core/handoff";
import { RIGHTS_MAX, writeRights } from "../core/rights";
import type { Entitlement, Family } from "../store/roster";
import { dropOffer, isSignedFor, keepGive, keepOffer, keepTaken, offers, signedOf, type Give, type Taken, type TakenFamily } from "../store/transfers";
import { session } from "./session.svelte";
import { BY_NAME } from "./wording";

const CHALLENGE_BYTES = 16;

/** A family that can be handed on, with its rights and the lease of each. */
export interface Candidate {
  readonly family: Family;
  readonly rights: readonly { right: Entitlement; lease: string }[];
}

/** This will give the families that this phone can hand on: not begun yet, and in a lease that the office signed. */
export function candidates(): Candidate[] {
  const signed = new Set(session.office?.leases.map(({ uuid }) => uuid));
  const found = [...session.roster.families.values()].map((family) => ({
    family,
    rights: family.entitlements.flatMap((right) => {
      const lease = session.leaseOf(right.uuid);
      const begun = right.parts_delivered > 0 || session.served.has(right.uuid) || session.nextPart(right) === null;
      return lease === null || begun || !signed.has(lease.uuid) ? [] : [{ right, lease: lease.uuid }];
    }),
  }));
  return found
    .filter(({ rights }) => rights.length > 0)
    .sort((a, b) => BY_NAME.compare(a.family.household.head_name, b.family.household.head_name));
}

/** This will give these families to the phone of `offer`: from the first signature on, this phone refuses them. */
export async function giveFamilies(offer: Offer, chosen: readonly Candidate[]): Promise<Give> {
  const events = eventsOf(chosen);
  const named = new Set(events.map(({ lease }) => lease));
  const give: Give = {
    offer,
    at_ms: Date.now(),
    family_count: chosen.length,
    events,
    families: familiesOf(chosen, events),
    leases: (session.office?.leases ?? []).filter(({ uuid }) => named.has(uuid)).map(({ jws }) => jws),
    acknowledged_at_ms: null,
  };
  await keepGive(session.db, give);
  await signAll(give);
  return give;
}

/** This will give the frames to show; it signs first what a crash left unsigned. */
export async function framesOf(give: Give): Promise<string[]> {
  await signAll(give);
  const { identity } = session;
  if (identity === null) throw new Error("locked");
  const signed = await signedOf(session.db, give);
  return writeHandoff(pointOf(identity.jwk), utf8(give.families), give.leases, signed.map(({ jws }) => jws));
}

/** This will take the receiver's receipt; false when it is not for this handing over. */
export async function acknowledge(give: Give, text: string): Promise<boolean> {
  const given = await Promise.all((await signedOf(session.db, give)).map(({ jws }) => givenOf(jws)));
  if (!(await isReceipt(text, give.offer, given))) return false;
  await keepGive(session.db, { ...give, acknowledged_at_ms: Date.now() });
  return true;
}

/** This will make the offer that this phone shows, with a fresh challenge. */
export async function newOffer(): Promise<Offer> {
  const { identity } = session;
  if (identity === null) throw new Error("locked");
  const offer = { dev: identity.short_id, thumbprint: identity.thumbprint, challenge: toHex(random(CHALLENGE_BYTES)) };
  await keepOffer(session.db, offer);
  return offer;
}

/** This will verify what a giver shows, for any offer of this phone that was not answered; throws HandoffRefusedError. */
export async function readShown(whole: Bytes): Promise<{ offer: Offer; handoff: Handoff }> {
  if (session.ring === null) throw new HandoffRefusedError("handoff.lease");
  let refused: unknown = new HandoffRefusedError("handoff.challenge");
  for (const offer of await offers(session.db)) {
    try {
      return { offer, handoff: await readHandoff(whole, session.ring, offer, session.nowMs()) };
    } catch (error) {
      refused = error;
      if (!(error instanceof HandoffRefusedError) || error.code !== "handoff.challenge") break;
    }
  }
  throw refused;
}

/** This will sign for what was handed over: from then on this phone holds it. Gives the receipt's code. */
export async function takeOver(offer: Offer, handoff: Handoff): Promise<string> {
  await keepTaken(session.db, takenOf(handoff));
  for (const { jws, makes } of handoff.given) {
    if (await isSignedFor(session.db, makes)) continue;
    await session.recordHanding({ type: "lease.received", lease: makes, subjects: [makes], data: { transfer: jws } });
  }
  await dropOffer(session.db, offer);
  return session.receipt(offer, handoff.given);
}

/** This will count the families of a handing over, and those whose names this phone does not know. */
export function countFamilies({ families }: Handoff): { all: number; unknown: number } {
  const known = new Set([...session.roster.families.values()].map(({ household }) => household.number));
  return { all: families.families.length, unknown: families.families.filter(([number]) => !known.has(number)).length };
}

async function signAll(give: Give): Promise<void> {
  const signed = (await signedOf(session.db, give)).length;
  const { dev: to, thumbprint: to_key, challenge } = give.offer;
  const families = toHex(await sha256(utf8(give.families)));
  for (const { lease, rights } of give.events.slice(signed)) {
    const data = { lease, to, to_key, challenge, rights: writeRights(rights), families };
    await session.recordHanding({ type: "lease.transferred", lease, subjects: [lease, challenge, ...rights], data });
  }
}

/** One event for each lease, and no more rights in one than the receiver's event can carry. */
function eventsOf(chosen: readonly Candidate[]): Give["events"] {
  const by_lease = grouped(chosen.flatMap(({ rights }) => rights), ({ lease }) => lease);
  return [...by_lease].flatMap(([lease, held]) => {
    const rights = held.map(({ right }) => right.uuid).sort();
    const parts = Math.ceil(rights.length / RIGHTS_MAX);
    return Array.from({ length: parts }, (_, n) => ({ lease, rights: rights.slice(n * RIGHTS_MAX, (n + 1) * RIGHTS_MAX) }));
  });
}

function familiesOf(chosen: readonly Candidate[], events: Give["events"]): string {
  const place = new Map(events.flatMap(({ rights }) => rights).map((right, n) => [right, n]));
  const benefits = [...new Set(chosen.flatMap(({ rights }) => rights.map(({ right }) => right.benefit)))];
  const families = chosen.map(({ family: { household }, rights }) => [
    household.number,
    household.village,
    rights.map(({ right }) => [place.get(right.uuid) ?? 0, benefits.indexOf(right.benefit)]),
  ]);
  return JSON.stringify({ benefits, families });
}

function takenOf({ giver, leases, given, families }: Handoff): Taken[] {
  const all = given.flatMap((one) => one.rights);
  const named = families.families.map(([number, village, pairs]): TakenFamily => ({
    number,
    village,
    rights: pairs.map(([right, benefit]) => ({ uuid: all[right] ?? "", benefit: families.benefits[benefit] ?? "" })),
  }));
  return given.flatMap(({ makes, lease: out_of, rights }: Given) => {
    const lease = leases.get(out_of);
    if (lease === undefined) return [];
    const own = new Set(rights);
    const mine = named
      .map((family) => ({ ...family, rights: family.rights.filter(({ uuid }) => own.has(uuid)) }))
      .filter((family) => family.rights.length > 0);
    const { kid: lease_kid, cycle, issued_at, not_after } = lease;
    return [{ uuid: makes, giver, lease_kid, cycle, issued_at, not_after, rights, families: mine }];
  });
}

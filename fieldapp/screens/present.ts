/** A card is shown: read it, look it up, and ask the verdict. Nothing is believed that is not verified. */

import { householdOfCard } from "../core/numbers";
import { readCard, type CardClaims } from "../core/qr";
import { says, trustAgeDays } from "../core/revocation";
import { decide, type Act, type QrState, type TapsState, type Verdict } from "../core/verdict";
import { TEXTS } from "../core/verdict_texts";
import type { RawTap } from "../core/ticket";
import type { Family, RosterCard } from "../store/roster";
import type { Reservation } from "../sync/online";
import type { PracticeCard } from "./practice";
import { session } from "./session.svelte";
import { isOfAnother, weighTap } from "./taps";
import { dayAndTime } from "./wording";

const WIB_MS = 7 * 3_600_000;

export interface Presented {
  readonly act: Act;
  readonly verdict: Verdict;
  readonly sentence: string;
  readonly next: string;
  readonly card_number: string | null;
  readonly claims: CardClaims | null;
  readonly family: Family | null;
  readonly qr: QrState;
  readonly taps_state: TapsState;
  readonly taps: readonly RawTap[];
  /** When the last tap was read. */
  readonly tapped_at_ms: number | null;
}

/**
 * This will judge a scanned code, together with the chip that was tapped before it, if one was. A card that this phone
 * still carries is handed over first, aid comes after.
 */
export async function presentCode(text: string, wanted: Act, before: Presented | null = null): Promise<Presented> {
  session.touch();
  const read = await readCard(text, session.ring, session.office?.issuer ?? null, session.nowMs());
  const number = read.claims?.card_number ?? null;
  const found: Found = number === null ? undefined : (session.roster.by_card.get(number) ?? handedFamily(number, read.claims));
  const act = actFor(wanted, found?.card);
  const qr = read.state === "valid" && number !== null ? afterList(number, found?.card, act) : read.state;
  const [last] = before?.taps.slice(-1) ?? [];
  const { taps_state, taps, tapped_at_ms } = before ?? NO_TAPS;
  const other = last !== undefined && isOfAnother(last, number, found?.card ?? null);
  return judge({
    act,
    qr,
    taps_state: other ? "tap.other_card" : taps_state,
    taps,
    tapped_at_ms,
    found,
    claims: read.claims,
    card_number: number,
  });
}

const NO_TAPS = { taps_state: "none", taps: [], tapped_at_ms: null } as const;

/**
 * This will judge a tap, together with the QR and the tap that were shown just before, if they were. The server says
 * what it is where it answers, the tickets on this phone where it does not (docs/protocols/tickets.md).
 */
export async function presentTap(tap: RawTap, wanted: Act, before: Presented | null = null): Promise<Presented> {
  session.touch();
  const found = [...session.roster.by_card.values()].find(({ card }) => card.uid === tap.uid);
  const act = actFor(wanted, found?.card);
  const shown_qr = before !== null && before.claims !== null && belongs(before, found?.card) ? before : null;
  const now_ms = session.nowMs();
  const shown = { act, taps: [tap], tapped_at_ms: now_ms, found, claims: shown_qr?.claims ?? null };
  const number = shown_qr?.card_number ?? null;
  if (shown_qr && isOfAnother(tap, number, cardOf(number))) {
    return judge({ ...shown, qr: shown_qr.qr, taps_state: "tap.other_card", found: familyOf(number), card_number: number });
  }
  const weighed = await weighTap(tap, act, found?.card ?? null, before);
  const told = weighed.card_number ?? found?.card.number ?? null;
  if (number !== null && told !== null && told !== number) {
    return judge({ ...shown, qr: shown_qr?.qr ?? "none", taps_state: "tap.other_card", found: familyOf(number), card_number: number });
  }
  const card_number = number ?? told;
  const listed = weighed.online || card_number === null ? "valid" : afterList(card_number, found?.card, act);
  const red = weighed.taps_state.startsWith("tap.");
  const expired = weighed.expired || (found !== undefined && isExpired(found.card, now_ms));
  return judge({
    ...shown,
    qr: expired && !red ? "card.expired" : (shown_qr?.qr ?? "none"),
    taps_state: red || listed === "valid" ? weighed.taps_state : (listed as TapsState),
    taps: weighed.taps,
    found: sameShowing(before, card_number) ?? found ?? familyOf(number),
    card_number,
    online: weighed.online,
  });
}

/** This will judge a card of a practice by the same rules; `tapped`: the companion pretends to tap it as well. */
export function presentPractice(card: PracticeCard, wanted: Act, tapped = false): Presented {
  const found = session.roster.by_card.get(card.number);
  return judge({
    act: actFor(wanted, found?.card),
    qr: card.qr,
    taps_state: tapped ? "two_rising" : card.taps,
    taps: [],
    tapped_at_ms: null,
    found,
    claims: null,
    card_number: card.qr === "valid" ? card.number : null,
  });
}

/** A family that was just taken from the server is not on the roster: the second tap goes on with it. */
function sameShowing(before: Presented | null, number: string | null): Found {
  if (before === null || before.family === null || number === null || before.card_number !== number) return undefined;
  return { family: before.family, card: before.family.cards.find((card) => card.number === number) };
}

/** The QR that was shown stands beside this tap, unless it was red and the tap is another family's. */
function belongs(before: Presented, card: RosterCard | undefined): boolean {
  return before.verdict.colour !== "red" || before.card_number === card?.number;
}

function cardOf(number: string | null): RosterCard | null {
  return familyOf(number)?.card ?? null;
}

function familyOf(number: string | null): { family: Family; card: RosterCard } | undefined {
  return number === null ? undefined : session.roster.by_card.get(number);
}

function actFor(wanted: Act, card: RosterCard | undefined): Act {
  return wanted === "deliver" && card && isCarried(card) ? "hand_over" : wanted;
}

/** A card is good to the end of its last day, in the west of the country (WIB). */
function isExpired(card: RosterCard, now_ms: number): boolean {
  return new Date(now_ms + WIB_MS).toISOString().slice(0, 10) > card.expires_on;
}

/** This will ask the verdict once more for another act, or after a delivery, with the card that was just shown. */
export function presentAgain(shown: Presented, act: Act): Presented {
  const number = shown.card_number;
  const found: Found = number === null ? undefined : (session.roster.by_card.get(number) ?? handedFamily(number, shown.claims));
  const qr = shown.claims && number !== null ? afterList(number, found?.card, act) : shown.qr;
  const { taps_state, taps, tapped_at_ms, claims } = shown;
  return judge({ act, qr, taps_state, taps, tapped_at_ms, found, claims, card_number: number });
}

/** This will go on with a family whose rights were just taken online, though it is not on this phone's roster. */
export function presentReserved(shown: Presented, taken: Reservation): Presented {
  const known = shown.family;
  const family: Family = {
    household: known?.household ?? strangerOf(taken.household),
    cards: known?.cards ?? [],
    entitlements: taken.rights.map((right) => ({
      uuid: right.entitlement,
      household: known?.household.uuid ?? "",
      cycle: right.cycle,
      benefit: right.benefit,
      parts_allowed: 1,
      parts_delivered: 0,
      state: "reserved",
    })),
  };
  const card = known?.cards.find(({ number }) => number === shown.card_number);
  const { act, qr, taps_state, taps, tapped_at_ms, claims, card_number } = shown;
  return judge({ act, qr, taps_state, taps, tapped_at_ms, found: { family, card }, claims, card_number, online: true });
}

/** A family whose rights came from another phone, and of whom this one knows only what the card says. */
function handedFamily(card_number: string, claims: CardClaims | null): Found {
  const number = householdOfCard(card_number);
  const handed = number === null ? undefined : session.handed.get(number);
  if (number === null || handed === undefined || claims === null) return undefined;
  const entitlements = handed.rights.map(({ uuid, benefit }) => ({
    uuid,
    household: "",
    cycle: handed.cycle,
    benefit,
    parts_allowed: 1,
    parts_delivered: 0,
    state: "open" as const,
  }));
  const household = strangerOf({ number, village: handed.village, head_name: claims.household_name });
  return { family: { household, cards: [], entitlements }, card: undefined };
}

function strangerOf({ number, village, head_name }: Reservation["household"]): Family["household"] {
  const head = { uuid: "", name: head_name, last4: null, relation: "kepala keluarga", head: true, presence: "alive" } as const;
  const unknown = { rt: null, rw: null, address: null, dwelling: null, anchor: null, home: null };
  return { uuid: "", number, village, head_name, members: [head], ...unknown };
}

type Found = { family: Family; card: RosterCard | undefined } | undefined;

interface Judged {
  act: Act;
  qr: QrState;
  taps_state: TapsState;
  taps: readonly RawTap[];
  tapped_at_ms: number | null;
  found: Found;
  claims: CardClaims | null;
  card_number: string | null;
  /** The server itself was asked about this card just now. */
  online?: boolean;
}

function judge({ act, qr, taps_state, taps, tapped_at_ms, found, claims, card_number, online = false }: Judged): Presented {
  const family = found?.family ?? null;
  const held = family?.entitlements.some((right) => session.permission(right.uuid) !== null) ?? false;
  const verdict = decide({
    act,
    online,
    lease: held,
    custody: found?.card !== undefined && isCarried(found.card),
    qr,
    taps: taps_state,
    nfc: session.identity?.has_nfc ?? false,
    list_age_days: listAgeDays(),
    tap_required: session.office?.programmes.some((programme) => programme.tap_required) ?? false,
  });
  const text = TEXTS[verdict.reason] ?? { sentence: "Kartu belum dapat dipastikan.", do: "Hubungi penyelia." };
  const common = { act, card_number, claims, family, qr, taps_state, taps, tapped_at_ms };
  const genuine = verdict.colour !== "red" && verdict.reason !== "nothing.shown";
  const taken = genuine && act === "deliver" && family ? alreadyTaken(family) : null;
  if (taken) return { ...common, ...taken };
  return { ...common, verdict, sentence: text.sentence, next: text.do };
}

/** This will say, of a genuine card whose every right was used here or elsewhere, when and how it was. */
function alreadyTaken(family: Family): Pick<Presented, "verdict" | "sentence" | "next"> | null {
  const { entitlements } = family;
  if (entitlements.length === 0 || entitlements.some((right) => session.nextPart(right) !== null)) return null;
  const here = entitlements.flatMap((right) => session.served.get(right.uuid) ?? []).at(-1);
  const verdict: Verdict = {
    colour: "red",
    level: 0,
    allowed: false,
    reason: "right.already_delivered",
    needs: [],
    name_shown: true,
    alert: false,
  };
  return {
    verdict,
    sentence: here
      ? `Bantuan untuk kartu ini sudah diserahkan lewat HP ini pada ${dayAndTime(here.at)}.`
      : "Bantuan untuk kartu ini sudah diambil.",
    next: "Jika keluarga merasa belum menerima, silakan buat pengaduan.",
  };
}

/** This will say whether this phone carries the card to hand it over. */
export function isCarried(card: RosterCard): boolean {
  return card.state === "in_custody" && card.custody && !session.handed_over.has(card.number);
}

/** What the list and the roster say of a card whose signature is genuine. */
function afterList(number: string, card: RosterCard | undefined, act: Act): QrState {
  const listed = session.list ? says(session.list, number) : null;
  if (listed !== null) return listed;
  if (card === undefined || card.state === "active") return "valid";
  if (card.state === "in_custody") {
    return act === "hand_over" || act === "look" || session.handed_over.has(number) ? "valid" : "card.not_active";
  }
  if (card.state === "blocked") return "card.revoked";
  return card.state === "replaced" ? "card.superseded" : "card.not_active";
}

/** Whole days since the list or the ring was signed, whichever is older; null where there is no verified list. */
export function listAgeDays(): number | null {
  return session.practice ? 0 : trustAgeDays(session.list, session.ring, session.nowMs());
}

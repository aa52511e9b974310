/** A card is shown: read it, look it up, and ask the verdict. Nothing is believed that is not verified. */

import { readCard, type CardClaims } from "../core/qr";
import { ageDays, says } from "../core/revocation";
import { decide, type Act, type QrState, type TapsState, type Verdict } from "../core/verdict";
import { TEXTS } from "../core/verdict_texts";
import type { Tap } from "../device/nfc";
import type { Family, RosterCard } from "../store/roster";
import { presentOnline, type Reservation } from "../sync/online";
import { session } from "./session.svelte";
import { dayAndTime } from "./wording";

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
  readonly taps: readonly Tap[];
}

/** This will judge a scanned code. A card that this phone still carries is handed over first, aid comes after. */
export async function presentCode(text: string, wanted: Act): Promise<Presented> {
  const read = await readCard(text, session.ring, session.list?.issuer ?? null, session.nowMs());
  const number = read.claims?.card_number ?? null;
  const found = number === null ? undefined : session.roster.by_card.get(number);
  const act = wanted === "deliver" && found && isCarried(found.card) ? "hand_over" : wanted;
  const qr = read.state === "valid" && number !== null ? afterList(number, found?.card, act) : read.state;
  return judge({ act, qr, taps_state: "none", taps: [], found, claims: read.claims, card_number: number });
}

/** This will judge a tap: by the server where it answers, else by what this phone has seen. */
export async function presentTap(tap: Tap, act: Act): Promise<Presented> {
  const found = [...session.roster.by_card.values()].find(({ card }) => card.uid === tap.uid);
  const client = session.online ? session.client() : null;
  const answer = client ? await presentOnline(client, tap, act, null) : null;
  if (answer !== null) {
    const card_number = answer.card ?? found?.card.number ?? null;
    return judge({ act, qr: "none", taps_state: answer.taps, taps: [tap], found, claims: null, card_number, online: true });
  }
  return presentTapOffline(tap, act, found);
}

/** Without a network a tap can show a replay, never that a chip is genuine (docs/decisions/0044). */
async function presentTapOffline(tap: Tap, act: Act, found: Found): Promise<Presented> {
  const seen = (await session.db.counters.get(tap.uid))?.counter ?? 0;
  const replayed = tap.counter <= Math.max(seen, found?.card?.counter ?? 0);
  if (!replayed) await session.db.counters.put({ uid: tap.uid, counter: tap.counter });
  const red = found?.card ? afterList(found.card.number, found.card, act) : "valid";
  const taps_state = replayed ? "tap.replayed" : red === "valid" ? "past_window" : (red as TapsState);
  const card_number = found?.card?.number ?? null;
  return judge({ act, qr: "none", taps_state, taps: [tap], found, claims: null, card_number });
}

/** This will ask the verdict once more for another act, or after a delivery, with the card that was just shown. */
export function presentAgain(shown: Presented, act: Act): Presented {
  const number = shown.card_number;
  const found = number === null ? undefined : session.roster.by_card.get(number);
  const qr = shown.claims && number !== null ? afterList(number, found?.card, act) : shown.qr;
  const { taps_state, taps, claims } = shown;
  return judge({ act, qr, taps_state, taps, found, claims, card_number: number });
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
  const { act, qr, taps_state, taps, claims, card_number } = shown;
  return judge({ act, qr, taps_state, taps, found: { family, card }, claims, card_number, online: true });
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
  taps: readonly Tap[];
  found: Found;
  claims: CardClaims | null;
  card_number: string | null;
  /** The server itself was asked about this card just now. */
  online?: boolean;
}

function judge({ act, qr, taps_state, taps, found, claims, card_number, online = false }: Judged): Presented {
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
  const common = { act, card_number, claims, family, qr, taps_state, taps };
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

/** Whole days since the newest verified list was made; null where there is none. */
export function listAgeDays(): number | null {
  return session.list === null ? null : ageDays(session.list, session.nowMs());
}

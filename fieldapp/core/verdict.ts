/**
 * The verdict on a card that is shown: one pure function, the twin of betang/core/card/verdict.py.
 * Normative: docs/protocols/verdict.md; every row stands in vectors/verdict.json. A verdict never throws: whatever is
 * shown, somebody stands there and needs an answer.
 */

export const LIST_OLD_DAYS = 14;
export const LIST_TOO_OLD_DAYS = 30;

export type Act = "deliver" | "hand_over" | "look";
export type Colour = "green" | "amber" | "red";

/** What reading the QR can say besides `none` and `valid`: each is red. */
export const QR_RED = [
  "qr.not_ours",
  "qr.malformed",
  "qr.bad_signature",
  "qr.other_issuer",
  "key.unknown",
  "key.other_purpose",
  "key.rotated_out",
  "key.not_valid_then",
  "card.expired",
  "card.revoked",
  "card.superseded",
  "card.unknown",
  "card.not_active",
] as const;

/** What the chip's taps can say besides `none`, `one`, `two_rising`, `past_window`: each is red. */
export const TAPS_RED = [
  "tap.replayed",
  "tap.forged",
  "tap.other_card",
  "card.revoked",
  "card.superseded",
  "card.unknown",
  "card.not_active",
] as const;

export type QrState = "none" | "valid" | (typeof QR_RED)[number];
export type TapsState = "none" | "one" | "two_rising" | "past_window" | (typeof TAPS_RED)[number];

/** What is known when a card is shown; the words are those of the Python twin. */
export interface Shown {
  readonly act: Act;
  readonly online: boolean;
  readonly lease: boolean;
  readonly custody: boolean;
  readonly qr: QrState;
  readonly taps: TapsState;
  readonly nfc: boolean;
  /** Age of the newest verified revocation list; null where this device has none. Not looked at online. */
  readonly list_age_days: number | null;
  readonly tap_required: boolean;
}

export interface Verdict {
  readonly colour: Colour;
  /** 0, or 1 or 2 for an amber that may be served with a photo (and a reason). */
  readonly level: 0 | 1 | 2;
  readonly allowed: boolean;
  readonly reason: string;
  readonly needs: readonly ("photo" | "reason")[];
  readonly name_shown: boolean;
  readonly alert: boolean;
}

/** This will say what to do with the card. It does not prove that its holder is of the family: no card can. */
export function decide(shown: Shown): Verdict {
  if (isRed(shown.qr, QR_RED)) return refused(shown.qr);
  if (isRed(shown.taps, TAPS_RED)) return refused(shown.taps);
  if (shown.qr === "none" && shown.taps === "none") return notNow("nothing.shown", false);
  const graded = grade(shown);
  if (shown.act === "look") return { ...graded, allowed: false, needs: [], alert: false };
  if (shown.act === "hand_over" && !shown.custody) return notNow("custody.none");
  if (shown.act === "deliver" && !shown.lease) return notNow(shown.online ? "lease.reserve_first" : "lease.none");
  if (!shown.online && older(shown, LIST_TOO_OLD_DAYS)) return notNow("list.too_old");
  return graded;
}

/** This will grade a genuine card by how strongly it was proved, then by the age of the list. */
function grade(shown: Shown): Verdict {
  const graded = gradeProof(shown);
  const stale = graded.colour === "green" && !shown.online && older(shown, LIST_OLD_DAYS);
  return stale ? served("amber", 1, "list.old") : graded;
}

function gradeProof(shown: Shown): Verdict {
  if (shown.taps === "two_rising") return served("green", 0, "tap.genuine");
  if (shown.qr === "valid" && !shown.tap_required) return served("green", 0, "qr.valid");
  if (shown.taps === "one") return served("amber", 2, "tap.only_one");
  if (shown.taps === "past_window") return served("amber", 2, "tap.past_window");
  return shown.nfc ? served("amber", 2, "qr.tap_missing") : served("amber", 1, "qr.without_nfc");
}

function older(shown: Shown, days: number): boolean {
  return shown.list_age_days === null || shown.list_age_days > days;
}

function isRed(state: string, reds: readonly string[]): boolean {
  return reds.includes(state);
}

function served(colour: Colour, level: 0 | 1 | 2, reason: string): Verdict {
  const needs = level === 0 ? [] : level === 1 ? (["photo"] as const) : (["photo", "reason"] as const);
  return { colour, level, allowed: true, reason, needs, name_shown: true, alert: level === 2 };
}

function notNow(reason: string, name_shown = true): Verdict {
  return { colour: "amber", level: 0, allowed: false, reason, needs: [], name_shown, alert: false };
}

function refused(reason: string): Verdict {
  return { colour: "red", level: 0, allowed: false, reason, needs: [], name_shown: false, alert: false };
}

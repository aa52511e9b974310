/**
 * The card's signed QR: a CWT with MOSIP Claim 169 in COSE_Sign1, zlib and Base45 (docs/protocols/card.md); the twin of
 * betang/core/card/qr.py, held to it by vectors/qr.json and qr_cnf.json. No name is decoded before the signature is
 * verified.
 */

import { fromBase45 } from "./base45";
import type { Bytes } from "./bytes";
import { decode, NotOurCborError, type Cbor } from "./cbor";
import { NotAChipKeyError, readConfirmation } from "./chip_key";
import { CoseRefusedError, openMessage } from "./cose";
import { inflate } from "./inflate";
import { householdOfCard } from "./numbers";
import { trusted, type Ring } from "./ring";
import type { QrState } from "./verdict";

/** CWT claims (RFC 8392, section 4), the identity claim, and the attributes inside it. */
const ISS = 1;
const EXP = 4;
const IAT = 6;
const CNF = 8;
const IDENTITY = 169;
const ID = 1;
const FULL_NAME = 4;
const LOCATION = 21;

const TEXT_MAX = 1_000;
const UNPACKED_MAX = 2_048;
const TIME_MAX_S = 253_402_300_799;

export interface CardClaims {
  readonly issuer: string;
  /** Unix seconds. */
  readonly issued_at: number;
  readonly expires_at: number;
  readonly card_number: string;
  readonly household_name: string;
  /** Kemendagri number of four digits. */
  readonly regency: number;
  /** The uncompressed point of a chip that signs its taps (public_chip.ts); null where the card has none. */
  readonly chip_key: Bytes | null;
}

export interface ReadCard {
  readonly state: QrState;
  /** Only when the state is `valid`. */
  readonly claims: CardClaims | null;
}

class QrRefusedError extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

/** This will verify the text of a QR; it never throws for what a stranger shows. `issuer` null: not known here yet. */
export async function readCard(text: string, ring: Ring | null, issuer: string | null, now_ms: number): Promise<ReadCard> {
  try {
    return { state: "valid", claims: await verified(text, ring ?? { issued_at: "", keys: [] }, issuer, now_ms) };
  } catch (error) {
    if (error instanceof QrRefusedError) return { state: error.code as QrState, claims: null };
    if (error instanceof CoseRefusedError) {
      const code = error.code.includes(".") ? error.code : `qr.${error.code}`;
      return { state: code as QrState, claims: null };
    }
    throw error;
  }
}

async function verified(text: string, ring: Ring, issuer: string | null, now_ms: number): Promise<CardClaims> {
  const { payload, key } = await openMessage(await unpack(text), ring, "card");
  const claims = claimsOf(readPayload(payload));
  if (issuer !== null && claims.issuer !== issuer) throw new QrRefusedError("qr.other_issuer");
  const still = trusted(ring, key.kid, "card", claims.issued_at * 1000);
  if (typeof still === "string") throw new QrRefusedError(still);
  if (now_ms >= claims.expires_at * 1000) throw new QrRefusedError("card.expired");
  return claims;
}

async function unpack(text: string): Promise<Bytes> {
  try {
    if (text.length > TEXT_MAX) throw new RangeError("too long");
    return await inflate(fromBase45(text), UNPACKED_MAX);
  } catch (error) {
    if (error instanceof RangeError) throw new QrRefusedError("qr.not_ours");
    throw error;
  }
}

function readPayload(payload: Bytes): Cbor {
  try {
    return decode(payload);
  } catch (error) {
    if (error instanceof NotOurCborError) throw new QrRefusedError("qr.malformed");
    throw error;
  }
}

function claimsOf(payload: Cbor): CardClaims {
  const identity = payload instanceof Map ? payload.get(IDENTITY) : null;
  if (!(payload instanceof Map) || !(identity instanceof Map)) throw new QrRefusedError("qr.malformed");
  const issuer = payload.get(ISS);
  const issued_at = payload.get(IAT);
  const expires_at = payload.get(EXP);
  const card_number = identity.get(ID);
  const household_name = identity.get(FULL_NAME);
  const regency = identity.get(LOCATION);
  if (
    typeof issuer !== "string" ||
    typeof issued_at !== "number" ||
    typeof expires_at !== "number" ||
    typeof card_number !== "string" ||
    typeof household_name !== "string" ||
    typeof regency !== "string" ||
    !(0 <= issued_at && issued_at <= expires_at && expires_at <= TIME_MAX_S) ||
    !/^\d{4}$/.test(regency) ||
    householdOfCard(card_number) === null
  ) {
    throw new QrRefusedError("qr.malformed");
  }
  const chip_key = chipKeyOf(payload.get(CNF));
  return { issuer, issued_at, expires_at, card_number, household_name, regency: Number(regency), chip_key };
}

function chipKeyOf(confirmation: Cbor | undefined): Bytes | null {
  try {
    return readConfirmation(confirmation);
  } catch (error) {
    if (error instanceof NotAChipKeyError) throw new QrRefusedError("qr.malformed");
    throw error;
  }
}

/**
 * Rights handed from phone to phone: the offer, what the giver shows, the receipt (docs/protocols/lease.md, sections 3
 * to 5). The twin of betang/core/lease/handoff.py; both are held by vectors/transfer.json. All of it comes from a
 * stranger's screen.
 */

import { concat, fromBase64Url, fromHex, fromUtf8, sha256, toBase64Url, toHex, utf8, type Bytes } from "./bytes";
import { compactJws, publicJwk, publicKeyFromPoint, thumbprint } from "./es256";
import { EVENT_TYP, PAYLOAD_MAX_BYTES } from "./event";
import { OFFER, readCode, RECEIPT, split, writeCode, NotAFrameError } from "./frames";
import { deflate, inflate } from "./inflate";
import { isRecord, openJws, readJws, SignatureError } from "./jws";
import { isLive, LEASE_TYP, readLease, type NamedLease } from "./lease";
import { isUuid, leaseMadeBy, readRights } from "./rights";
import type { Ring } from "./ring";

const RECEIPT_TYP = "betang-transfer-receipt+jws";
const SHORT_ID = /^[0-9A-HJKMNP-TV-Z]{8}$/;
const OFFER_BYTES = 8 + 32 + 16;
const UNFOLDED_MAX = 1024 * 1024;

export class HandoffRefusedError extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

/** A receiver: who it is (its key's thumbprint), and the challenge that the giver signs. */
export interface Offer {
  readonly dev: string;
  readonly thumbprint: string;
  readonly challenge: string;
}

/** One `lease.transferred` as it was signed, and the lease that it makes. */
export interface Given {
  readonly jws: string;
  readonly payload_sha256: string;
  readonly makes: string;
  readonly lease: string;
  readonly rights: readonly string[];
}

/** Whose the rights are: household number, village, and pairs of a right's and a benefit's place. */
export interface Families {
  readonly benefits: readonly string[];
  readonly families: readonly (readonly [string, string, readonly (readonly [number, number])[]])[];
}

export interface Handoff {
  readonly giver: string;
  readonly leases: ReadonlyMap<string, NamedLease>;
  readonly given: readonly Given[];
  readonly families: Families;
}

/** This will write the code that the receiver shows. */
export function writeOffer({ dev, thumbprint: print, challenge }: Offer): string {
  return writeCode(OFFER, concat(utf8(dev), fromHex(print), fromHex(challenge)));
}

/** This will read the receiver's code; throws NotAFrameError. */
export function readOffer(text: string): Offer {
  const data = readCode(OFFER, text);
  const dev = String.fromCharCode(...data.slice(0, 8));
  if (data.length !== OFFER_BYTES || !SHORT_ID.test(dev)) throw new NotAFrameError("not an offer");
  return { dev, thumbprint: toHex(data.slice(8, 40)), challenge: toHex(data.slice(40)) };
}

/** This will write what the giver shows, as frames. */
export async function writeHandoff(
  point: Bytes,
  families: Bytes,
  leases: readonly string[],
  transfers: readonly string[],
): Promise<string[]> {
  const parts = [...leases, ...transfers].flatMap((jws) => jws.split(".").map(fromBase64Url));
  return split(await deflate(fieldsOf([point, families, ...parts])));
}

/** This will verify a whole that was shown to the receiver of `offer`; throws HandoffRefusedError. */
export async function readHandoff(whole: Bytes, ring: Ring, offer: Offer, now_ms: number): Promise<Handoff> {
  const [point, told, ...rest] = await fieldsIn(whole);
  if (point === undefined || told === undefined || rest.length === 0 || rest.length % 3 !== 0) refuse("malformed");
  const key = await publicKeyFromPoint(point).catch(() => refuse("malformed"));
  const print = toHex(await thumbprint(await publicJwk(key)));
  const leases = new Map<string, NamedLease>();
  const given: Given[] = [];
  for (let n = 0; n < rest.length; n += 3) {
    const jws = rest.slice(n, n + 3).map(toBase64Url).join(".");
    if (typOf(rest[n]) === LEASE_TYP) {
      const lease = await leaseIn(jws, ring, now_ms);
      if (lease.thumbprint !== print) refuse("key");
      leases.set(lease.uuid, lease);
    } else given.push(await givenIn(jws, key, leases, offer, toHex(await sha256(told))));
  }
  const rights = given.flatMap((one) => one.rights);
  if (given.length === 0 || new Set(rights).size !== rights.length) refuse("malformed");
  const giver = [...leases.values()][0]?.dev ?? "";
  return { giver, leases, given, families: familiesIn(told, rights.length) };
}

/** This will write the code that the receiver shows when it has signed. */
export async function writeReceipt(key: CryptoKey, point: Bytes, offer: Offer, given: readonly Given[]): Promise<string> {
  const payload = utf8(JSON.stringify(await receiptOf(offer, given)));
  const jws = await compactJws(key, { alg: "ES256", kid: offer.dev, typ: RECEIPT_TYP }, payload);
  return writeCode(RECEIPT, await deflate(fieldsOf([point, ...jws.split(".").map(fromBase64Url)])));
}

/** This will say whether `text` is the receiver's receipt for these transfers. */
export async function isReceipt(text: string, offer: Offer, given: readonly Given[]): Promise<boolean> {
  try {
    const [point, ...parts] = await fieldsIn(readCode(RECEIPT, text));
    if (point === undefined || parts.length !== 3) return false;
    const key = await publicKeyFromPoint(point);
    if (toHex(await thumbprint(await publicJwk(key))) !== offer.thumbprint) return false;
    const read = readJws(parts.map(toBase64Url).join("."), RECEIPT_TYP);
    const payload = await openJws(read, key);
    const due = await receiptOf(offer, given);
    return read.header["kid"] === offer.dev && Object.entries(due).every(([name, value]) => payload[name] === value);
  } catch (error) {
    const expected = [HandoffRefusedError, NotAFrameError, SignatureError, DOMException, SyntaxError];
    if (expected.some((kind) => error instanceof kind)) return false;
    throw error;
  }
}

/** This will read one of our own transfers back from its JWS. */
export async function givenOf(jws: string): Promise<Given> {
  const { payload } = readJws(jws, EVENT_TYP);
  const data = (JSON.parse(fromUtf8(payload)) as { data: Record<string, unknown> }).data;
  const payload_sha256 = toHex(await sha256(payload));
  const rights = readRights(String(data["rights"]));
  return { jws, payload_sha256, makes: leaseMadeBy(payload_sha256), lease: String(data["lease"]), rights };
}

function refuse(code: string): never {
  throw new HandoffRefusedError(`handoff.${code}`);
}

async function receiptOf(offer: Offer, given: readonly Given[]): Promise<Record<string, unknown>> {
  const transfers = toHex(await sha256(concat(...given.map((one) => fromHex(one.payload_sha256)))));
  return { v: 1, dev: offer.dev, challenge: offer.challenge, transfers };
}

function fieldsOf(fields: readonly Bytes[]): Bytes {
  return concat(...fields.flatMap((field) => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, field.length);
    return [length, field];
  }));
}

async function fieldsIn(whole: Bytes): Promise<Bytes[]> {
  const data = await inflate(whole, UNFOLDED_MAX).catch(() => refuse("malformed"));
  const fields: Bytes[] = [];
  for (let at = 0; at < data.length; ) {
    if (at + 4 > data.length) refuse("malformed");
    const end = at + 4 + new DataView(data.buffer, data.byteOffset).getUint32(at);
    if (end > data.length) refuse("malformed");
    fields.push(data.slice(at + 4, end));
    at = end;
  }
  return fields;
}

function typOf(header: Bytes | undefined): unknown {
  try {
    const read: unknown = JSON.parse(fromUtf8(header ?? new Uint8Array()));
    return isRecord(read) ? read["typ"] : refuse("malformed");
  } catch {
    return refuse("malformed");
  }
}

async function leaseIn(jws: string, ring: Ring, now_ms: number): Promise<NamedLease> {
  const lease = await readLease(jws, ring).catch((error: unknown) => {
    if (!(error instanceof SignatureError)) throw error;
    return refuse("lease");
  });
  return isLive(lease, now_ms) ? lease : refuse("ended");
}

async function givenIn(
  jws: string,
  key: CryptoKey,
  leases: ReadonlyMap<string, NamedLease>,
  offer: Offer,
  families: string,
): Promise<Given> {
  const giver = [...leases.values()][0]?.dev ?? refuse("malformed");
  const { data, payload_sha256 } = await transferIn(jws, key, giver);
  if (data["to"] !== offer.dev || data["to_key"] !== offer.thumbprint) refuse("not_yours");
  if (data["challenge"] !== offer.challenge) refuse("challenge");
  const lease = leases.get(String(data["lease"]));
  if (lease?.dev !== giver) refuse("lease");
  const rights = rightsIn(data["rights"]);
  if (!rights.every((right) => lease.rights.has(right))) refuse("rights");
  if (data["families"] !== families) refuse("families");
  return { jws, payload_sha256, makes: leaseMadeBy(payload_sha256), lease: lease.uuid, rights };
}

/** The signature first, then what it says: nothing is read of what the giver did not sign. */
async function transferIn(
  jws: string,
  key: CryptoKey,
  giver: string,
): Promise<{ data: Record<string, unknown>; payload_sha256: string }> {
  try {
    const read = readJws(jws, EVENT_TYP);
    if (read.header["kid"] !== giver || read.payload.length > PAYLOAD_MAX_BYTES) refuse("malformed");
    const payload = await openJws(read, key);
    const data = payload["data"];
    if (payload["type"] !== "lease.transferred" || payload["v"] !== 1 || payload["dev"] !== giver) refuse("malformed");
    if (!isRecord(data)) refuse("malformed");
    rightsIn(data["rights"]);
    return { data, payload_sha256: toHex(await sha256(read.payload)) };
  } catch (error) {
    if (error instanceof SignatureError) return refuse(error.message === "signature" ? "signature" : "malformed");
    throw error;
  }
}

function rightsIn(text: unknown): string[] {
  try {
    return readRights(String(text));
  } catch {
    return refuse("malformed");
  }
}

function familiesIn(bytes: Bytes, rights: number): Families {
  try {
    const told: unknown = JSON.parse(fromUtf8(bytes));
    if (!isRecord(told) || !Array.isArray(told["benefits"]) || !Array.isArray(told["families"])) return refuse("families");
    const benefits = told["benefits"].length;
    const within = (value: unknown, count: number): boolean => Number.isInteger(value) && Number(value) >= 0 && Number(value) < count;
    const fit = told["benefits"].every(isUuid) && told["families"].every(
      (one: unknown) =>
        Array.isArray(one) && one.length === 3 && /^\d{10}$/.test(String(one[0])) && /^62\d{8}$/.test(String(one[1])) &&
        Array.isArray(one[2]) &&
        one[2].every((pair: unknown) => Array.isArray(pair) && pair.length === 2 && within(pair[0], rights) && within(pair[1], benefits)),
    );
    return fit ? (told as unknown as Families) : refuse("families");
  } catch {
    return refuse("families");
  }
}

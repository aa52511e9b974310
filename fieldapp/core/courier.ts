/**
 * Records carried by somebody else (docs/protocols/courier.md): the sealed export file, and the signed
 * acknowledgement that comes back. Twin of betang/core/event/courier.py.
 */

import { fromUtf8, toBase64Url, utf8, type Bytes } from "./bytes";
import { publicKeyFromPoint } from "./es256";
import { isRecord, openJws, readJws, SignatureError } from "./jws";
import { trusted, type Ring, type RingKey } from "./ring";
import { sealTo } from "./seal";

const CONTEXT = utf8("betang/export/1");
const ACKNOWLEDGEMENT_TYP = "betang-acknowledgement+jws";
const ANSWERS = ["stored", "again", "held", "fork", "refused"] as const;

export type EventAnswer = (typeof ANSWERS)[number];

export interface Acknowledgement {
  readonly dev: string;
  readonly at: string;
  readonly applied_seq: number;
  readonly answers: readonly { seq: number; sha256: string; answer: EventAnswer; code?: string }[];
  /** Names of photos that are whole on the server. */
  readonly photos: readonly string[];
}

/** This will seal the bodies of `POST /events` to the server, as the content of a file. */
export async function writeExport(seal_key: RingKey, dev: string, made_at_ms: number, bodies: readonly object[]): Promise<string> {
  const content = { v: 1, dev, made_at: new Date(made_at_ms).toISOString(), bodies };
  const sealed = await sealTo(seal_key.point, utf8(JSON.stringify(content)), CONTEXT);
  return JSON.stringify({ betang: "export", v: 1, kid: seal_key.kid, sealed: toBase64Url(sealed) });
}

/** This will read an acknowledgement for `dev` that the server signed; throws SignatureError for anything else. */
export async function readAcknowledgement(file: Bytes, ring: Ring, dev: string): Promise<Acknowledgement> {
  const told = parsed(file);
  if (told["betang"] !== "acknowledgement" || told["v"] !== 1) throw new SignatureError("acknowledgement: another file");
  const read = readJws(String(told["jws"]), ACKNOWLEDGEMENT_TYP);
  const key = trusted(ring, Number(read.header["kid"]), "acknowledgement");
  if (typeof key === "string") throw new SignatureError(`acknowledgement: ${key}`);
  const payload = await openJws(read, await publicKeyFromPoint(key.point));
  const answers = payload["answers"];
  const photos = payload["photos"] ?? [];
  if (payload["v"] !== 1 || payload["dev"] !== dev || !Array.isArray(answers) || !Array.isArray(photos)) {
    throw new SignatureError("acknowledgement: for another device");
  }
  return {
    dev,
    at: String(payload["at"]),
    applied_seq: Number(payload["applied_seq"]),
    answers: answers.map(answerOf),
    photos: photos.map(String),
  };
}

function parsed(file: Bytes): Record<string, unknown> {
  try {
    const told: unknown = JSON.parse(fromUtf8(file));
    if (isRecord(told)) return told;
  } catch (error) {
    throw new SignatureError("acknowledgement: no file of ours", { cause: error });
  }
  throw new SignatureError("acknowledgement: no file of ours");
}

function answerOf(one: unknown): Acknowledgement["answers"][number] {
  const answer = isRecord(one) ? ANSWERS.find((known) => known === one["answer"]) : undefined;
  if (!isRecord(one) || answer === undefined) throw new SignatureError("acknowledgement: another version");
  const read = { seq: Number(one["seq"]), sha256: String(one["sha256"]), answer };
  return typeof one["code"] === "string" ? { ...read, code: one["code"] } : read;
}

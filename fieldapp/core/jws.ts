/** Compact JWS (RFC 7515) as Betang signs it: ES256 only, the type checked before the signature is. */

import { fromBase64Url, fromUtf8, utf8, type Bytes } from "./bytes";
import { verify } from "./es256";

export class SignatureError extends Error {}

export interface OpenJws {
  readonly header: Record<string, unknown>;
  readonly payload: Bytes;
  readonly signature: Bytes;
  readonly signed: Bytes;
}

/** This will take a compact JWS apart without believing any of it; throws SignatureError when it is none. */
export function readJws(jws: string, typ: string): OpenJws {
  const [header_text = "", payload_text = "", signature_text = "", ...rest] = jws.split(".");
  try {
    const header: unknown = JSON.parse(fromUtf8(fromBase64Url(header_text)));
    if (rest.length > 0 || !isRecord(header)) throw new RangeError("not a jws");
    if (header["alg"] !== "ES256" || header["typ"] !== typ) throw new RangeError("another kind");
    return {
      header,
      payload: fromBase64Url(payload_text),
      signature: fromBase64Url(signature_text),
      signed: utf8(`${header_text}.${payload_text}`),
    };
  } catch (error) {
    throw new SignatureError("jws", { cause: error });
  }
}

/** This will give the JSON payload when `key` signed it; throws SignatureError otherwise. */
export async function openJws(jws: OpenJws, key: CryptoKey): Promise<Record<string, unknown>> {
  if (!(await verify(key, jws.signature, jws.signed))) throw new SignatureError("signature");
  const payload: unknown = JSON.parse(fromUtf8(jws.payload));
  if (!isRecord(payload)) throw new SignatureError("payload");
  return payload;
}

/** This will say whether `value` is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

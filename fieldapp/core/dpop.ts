/** DPoP proofs (RFC 9449) as docs/protocols/device.md uses them: the nonce is the freshness, `iat` is only noted. */

import { sha256, toHex, utf8, type Bytes } from "./bytes";
import { compactJws, type PublicJwk } from "./es256";
import { newUuid } from "./uuid";

export interface ProofOf {
  readonly method: string;
  /** The configured origin and path, without query or fragment. */
  readonly url: string;
  readonly nonce: string | null;
  readonly body: Bytes | null;
  readonly now_ms: number;
  /** What the device tells of itself (device.md, section 12). */
  readonly report?: Report | undefined;
}

/** Versions, counts and ages in whole seconds; nothing about a person. */
export interface Report {
  readonly app: string;
  readonly kind: "phone" | "edc" | "shell";
  readonly unsent: number;
  readonly oldest_s?: number;
  readonly list?: number;
  readonly list_s?: number;
  readonly ring_s?: number;
  readonly roster_s?: number;
  readonly persisted?: boolean;
  readonly battery?: number;
}

/** This will make the value of a `DPoP` header for one request. */
export async function prove(key: CryptoKey, jwk: PublicJwk, request: ProofOf): Promise<string> {
  const claims: Record<string, string | number | Report> = {
    jti: newUuid(request.now_ms),
    htm: request.method,
    htu: request.url,
    iat: Math.floor(request.now_ms / 1000),
  };
  if (request.nonce !== null) claims["nonce"] = request.nonce;
  if (request.body !== null) claims["body_sha256"] = toHex(await sha256(request.body));
  if (request.report !== undefined) claims["report"] = request.report;
  return compactJws(key, { typ: "dpop+jwt", alg: "ES256", jwk }, utf8(JSON.stringify(claims)));
}

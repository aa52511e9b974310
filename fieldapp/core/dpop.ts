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
}

/** This will make the value of a `DPoP` header for one request. */
export async function prove(key: CryptoKey, jwk: PublicJwk, request: ProofOf): Promise<string> {
  const claims: Record<string, string | number> = {
    jti: newUuid(request.now_ms),
    htm: request.method,
    htu: request.url,
    iat: Math.floor(request.now_ms / 1000),
  };
  if (request.nonce !== null) claims["nonce"] = request.nonce;
  if (request.body !== null) claims["body_sha256"] = toHex(await sha256(request.body));
  return compactJws(key, { typ: "dpop+jwt", alg: "ES256", jwk }, utf8(JSON.stringify(claims)));
}

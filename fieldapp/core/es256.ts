/** ES256 (RFC 7518, section 3.4): ECDSA on P-256 with SHA-256, the signature as r || s, by WebCrypto. */

import { concat, fromBase64Url, sha256, toBase64Url, utf8, type Bytes } from "./bytes";

const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;
const HASH = { name: "ECDSA", hash: "SHA-256" } as const;

/** The public half of a key, as JSON Web Key (RFC 7517), with the members a thumbprint needs and no other. */
export interface PublicJwk {
  readonly crv: "P-256";
  readonly kty: "EC";
  readonly x: string;
  readonly y: string;
}

/** This will make a key pair whose private half can be wrapped (settled.md: wrapped at once under the PIN). */
export async function newKeyPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(CURVE, true, ["sign", "verify"]);
}

/** This will read a public key given as an uncompressed point (65 bytes). */
export async function publicKeyFromPoint(point: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", point, CURVE, true, ["verify"]);
}

/** This will read a public key given as JSON Web Key. */
export async function publicKeyFromJwk(jwk: PublicJwk): Promise<CryptoKey> {
  return crypto.subtle.importKey("jwk", { ...jwk }, CURVE, true, ["verify"]);
}

/** This will give the public half of `key` as JSON Web Key. */
export async function publicJwk(key: CryptoKey): Promise<PublicJwk> {
  const { x = "", y = "" } = await crypto.subtle.exportKey("jwk", key);
  return { crv: "P-256", kty: "EC", x, y };
}

/** This will give a public key as an uncompressed point (65 bytes). */
export function pointOf({ x, y }: PublicJwk): Bytes {
  return concat(new Uint8Array([4]), fromBase64Url(x), fromBase64Url(y));
}

/** This will give the RFC 7638 thumbprint: SHA-256 of the members in order, without spaces. */
export async function thumbprint({ crv, kty, x, y }: PublicJwk): Promise<Bytes> {
  return sha256(utf8(JSON.stringify({ crv, kty, x, y })));
}

/** This will sign `message`; the signature is 64 bytes. */
export async function sign(key: CryptoKey, message: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign(HASH, key, message));
}

/** This will say whether `signature` over `message` is by `key`. */
export async function verify(key: CryptoKey, signature: Bytes, message: Bytes): Promise<boolean> {
  return signature.length === 64 && crypto.subtle.verify(HASH, key, signature, message);
}

/** This will sign a compact JWS (RFC 7515) over `payload` exactly as given. */
export async function compactJws(key: CryptoKey, header: object, payload: Bytes): Promise<string> {
  const input = `${toBase64Url(utf8(JSON.stringify(header)))}.${toBase64Url(payload)}`;
  return `${input}.${toBase64Url(await sign(key, utf8(input)))}`;
}

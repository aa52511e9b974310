/** What leaves the phone: sealed, chained, proved. Against the vectors of the twin, and against its own promises. */

import { describe, expect, it } from "vitest";
import vectors from "../../vectors/seal.json";
import { fromBase64Url, fromHex, fromUtf8, sha256, toBase64Url, toHex, utf8 } from "../core/bytes";
import { prove } from "../core/dpop";
import { newKeyPair, publicJwk, thumbprint, verify } from "../core/es256";
import { GENESIS, signEvent, type EventFacts } from "../core/event";
import { readJws, SignatureError } from "../core/jws";
import { householdOfCard, luhnHolds, readable } from "../core/numbers";
import { sixWords } from "../core/proquint";
import { sealTo } from "../core/seal";
import { newUuid } from "../core/uuid";

const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;

async function ephemeralOf(private_scalar: string, point: Uint8Array): Promise<CryptoKeyPair> {
  const jwk = {
    kty: "EC",
    crv: "P-256",
    d: toBase64Url(fromHex(private_scalar)),
    x: toBase64Url(point.slice(1, 33)),
    y: toBase64Url(point.slice(33)),
  };
  const { d: _, ...open } = jwk;
  return {
    privateKey: await crypto.subtle.importKey("jwk", jwk, CURVE, false, ["deriveBits"]),
    publicKey: await crypto.subtle.importKey("jwk", open, CURVE, true, []),
  };
}

describe("sealing to the server", () => {
  it.each(vectors.cases)("gives the same bytes as its twin for $context", async (one) => {
    const expected = fromHex(one.sealed);
    const ephemeral = await ephemeralOf(one.ephemeral_private, expected.slice(0, 65));

    const sealed = await sealTo(
      fromHex(vectors.recipient_public),
      fromHex(one.message),
      utf8(one.context),
      ephemeral,
      fromHex(one.nonce),
    );

    expect(toHex(sealed)).toBe(one.sealed);
  });
});

describe("the chain of events", () => {
  const facts: EventFacts = {
    dev: "7K3M9QXA",
    id: newUuid(),
    type: "household.verified",
    at: "2026-11-12T07:32:00.000Z",
    mono_ms: 0,
    lease: null,
    data: { household: newUuid(), outcome: "found", member: null, point: null },
  };

  it("refuses a payload that no server would take", async () => {
    const { privateKey } = await newKeyPair();
    const huge = { ...facts, data: { note: "x".repeat(20_000) } };

    await expect(signEvent(privateKey, huge, null)).rejects.toThrow(RangeError);
  });

  it("binds each payload to the one before, and signs the bytes that it hashed", async () => {
    const { privateKey, publicKey } = await newKeyPair();

    const first = await signEvent(privateKey, facts, null);
    const second = await signEvent(privateKey, facts, first);

    const read = readJws(second.jws, "betang-event+jws");
    const payload: unknown = JSON.parse(fromUtf8(read.payload));
    expect(payload).toMatchObject({ v: 1, seq: 2, prev: first.payload_sha256, dev: "7K3M9QXA" });
    expect(read.header).toEqual({ alg: "ES256", kid: "7K3M9QXA", typ: "betang-event+jws" });
    expect(toHex(await sha256(read.payload))).toBe(second.payload_sha256);
    expect(await verify(publicKey, read.signature, read.signed)).toBe(true);
    expect(JSON.parse(fromUtf8(readJws(first.jws, "betang-event+jws").payload))).toMatchObject({ prev: GENESIS });
  });
});

describe("a JWS", () => {
  it.each([
    ["nothing", ""],
    ["two parts", "e30.e30"],
    ["four parts", "e30.e30.e30.e30"],
    ["another algorithm", `${toBase64Url(utf8('{"alg":"none","typ":"t"}'))}.e30.e30`],
    ["another type", `${toBase64Url(utf8('{"alg":"ES256","typ":"u"}'))}.e30.e30`],
    ["a header that is no object", `${toBase64Url(utf8("[]"))}.e30.e30`],
  ])("is refused when it is %s", (_name, jws) => {
    expect(() => readJws(jws, "t")).toThrow(SignatureError);
  });
});

describe("a proof of the key", () => {
  it("names the method, the address, the nonce and the body", async () => {
    const { privateKey, publicKey } = await newKeyPair();
    const jwk = await publicJwk(publicKey);
    const body = utf8("{}");

    const proof = await prove(privateKey, jwk, {
      method: "POST",
      url: "https://betang.example/api/v1/events",
      nonce: "n",
      body,
      now_ms: 1_700_000_000_999,
    });

    const read = readJws(proof, "dpop+jwt");
    expect(read.header["jwk"]).toEqual(jwk);
    expect(await verify(publicKey, read.signature, read.signed)).toBe(true);
    expect(JSON.parse(fromUtf8(read.payload))).toMatchObject({
      htm: "POST",
      htu: "https://betang.example/api/v1/events",
      iat: 1_700_000_000,
      nonce: "n",
      body_sha256: toHex(await sha256(body)),
    });
  });
});

describe("small forms", () => {
  it("gives the thumbprint of RFC 7638 for any order of members", async () => {
    const jwk = { kty: "EC", crv: "P-256", x: "AA", y: "BB" } as const;

    const expected = await sha256(utf8('{"crv":"P-256","kty":"EC","x":"AA","y":"BB"}'));

    expect(await thumbprint(jwk)).toEqual(expected);
  });

  it("writes the proquints of the original proposal", () => {
    // 127.0.0.1 is lusab-babad, 63.84.220.193 is gutih-tugad, 147.67.119.2 is natag-lisaf
    const words = sixWords(new Uint8Array([127, 0, 0, 1, 63, 84, 220, 193, 147, 67, 119, 2]));

    expect(words).toEqual(["lusab", "babad", "gutih", "tugad", "natag", "lisaf"]);
  });

  it("takes a card number apart, and refuses a wrong digit", () => {
    expect(householdOfCard("62706577813101")).toBe("7065778131");
    expect(householdOfCard("62706577813201")).toBeNull();
    expect(householdOfCard("62706577813100")).toBeNull();
    expect(householdOfCard("627065778131")).toBeNull();
    expect(luhnHolds("79927398713")).toBe(true);
    expect(readable("62706577813101")).toBe("62 7065 7781 31 01");
  });

  it("refuses text that is not base64url", () => {
    for (const text of ["a", "ab=", "a b", "+/"]) expect(() => fromBase64Url(text)).toThrow(RangeError);
  });

  it("makes UUIDs of version 7 that sort by time", () => {
    const early = newUuid(1_700_000_000_000);
    const late = newUuid(1_700_000_000_001);

    expect(early).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(early < late).toBe(true);
  });
});

/** Rights handed from phone to phone, against the vectors that the server's twin made: refusals first. */

import { describe, expect, it } from "vitest";
import vectors from "../../vectors/transfer.json";
import { fromHex, type Bytes } from "../core/bytes";
import { newKeyPair, publicJwk, thumbprint } from "../core/es256";
import { Collected, NotAFrameError, readFrame, split } from "../core/frames";
import { givenOf, isReceipt, readHandoff, readOffer, writeHandoff, writeOffer, writeReceipt, type Handoff } from "../core/handoff";
import { readRights, RIGHTS_MAX, writeRights } from "../core/rights";
import type { Ring } from "../core/ring";
import { toHex } from "../core/bytes";
import { ringKey } from "./signing";

const ring: Ring = {
  issued_at: vectors.at,
  keys: vectors.ring.map(({ kid, point }) => ringKey({ kid, purpose: "lease", point: fromHex(point) })),
};
const offer = readOffer(vectors.offer.text);

async function collect(texts: readonly string[]): Promise<Bytes> {
  const parts = new Collected();
  for (const text of texts) parts.add(text);
  return parts.whole();
}

async function read(texts: readonly string[], at = vectors.at, by = ring): Promise<Handoff> {
  return readHandoff(await collect(texts), by, offer, Date.parse(at));
}

describe("what a giver shows", () => {
  it.each(vectors.refused)("is refused: $name", async ({ frames, code, at }) => {
    await expect(read(frames, at)).rejects.toThrow(code);
  });

  it.each(vectors.not_frames)("is no frame (%#)", (text) => {
    expect(() => readFrame(text)).toThrow(NotAFrameError);
    expect(new Collected().add(text)).toBe(false);
  });

  it("is refused when its lease key was revoked", async () => {
    const revoked: Ring = { ...ring, keys: ring.keys.map((key) => ({ ...key, state: "revoked" })) };
    await expect(read(vectors.good.frames, vectors.at, revoked)).rejects.toThrow("handoff.lease");
  });

  it("is refused while frames are missing, or when one is of something else", async () => {
    await expect(collect(vectors.good.frames.slice(1))).rejects.toThrow(NotAFrameError);
    const [first = "", ...rest] = vectors.good.frames;
    await expect(collect([first.slice(0, -3) + "000", ...rest])).rejects.toThrow(NotAFrameError);
  });

  it("is read in any order, and again", async () => {
    const told = await read([...vectors.good.frames, ...vectors.good.frames].reverse());
    expect(told.giver).toBe(vectors.giver.dev);
    expect(told.given).toEqual(vectors.good.transfers);
    expect(told.families).toEqual(vectors.good.families);
  });

  it("begins anew with another whole", () => {
    const parts = new Collected();
    parts.add(vectors.good.frames[0] ?? "");
    parts.add(vectors.refused[0]?.frames[0] ?? "");
    expect(parts.count).toBe(1);
  });

  it("is written as it is read", async () => {
    const { transfers, leases } = vectors.good;
    const told = new TextEncoder().encode(JSON.stringify(vectors.good.families));
    const frames = await writeHandoff(fromHex(vectors.giver.point), told, leases, transfers.map(({ jws }) => jws));
    expect((await read(frames)).given).toEqual(transfers);
  });
});

describe("an offer", () => {
  it.each(vectors.not_offers)("is none (%#)", (text) => {
    expect(() => readOffer(text)).toThrow(NotAFrameError);
  });

  it("says who takes over", () => {
    const { text, ...told } = vectors.offer;
    expect(offer).toEqual(told);
    expect(writeOffer(offer)).toBe(text);
  });
});

describe("a receipt", () => {
  it("is the receiver's, for these transfers", async () => {
    const given = await Promise.all(vectors.good.transfers.map(({ jws }) => givenOf(jws)));
    expect(given).toEqual(vectors.good.transfers);
    expect(await isReceipt(vectors.receipt.text, offer, given)).toBe(true);
    for (const other of vectors.receipt.others) expect(await isReceipt(other, offer, given)).toBe(false);
  });

  it("is written as it is read", async () => {
    const { privateKey, publicKey } = await newKeyPair();
    const point = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
    const mine = { ...offer, thumbprint: toHex(await thumbprint(await publicJwk(publicKey))) };
    const text = await writeReceipt(privateKey, point, mine, vectors.good.transfers);
    expect(await isReceipt(text, mine, vectors.good.transfers)).toBe(true);
    expect(await isReceipt(text, offer, vectors.good.transfers)).toBe(false);
  });
});

describe("rights in an event", () => {
  it("are refused out of order, too many, or none", () => {
    const rights = [...(vectors.good.transfers[0]?.rights ?? [])];
    const text = writeRights(rights);
    expect(readRights(text)).toEqual([...rights].sort());
    expect(() => readRights("")).toThrow(RangeError);
    expect(() => readRights(text + text)).toThrow(RangeError);
    const many = Array.from({ length: RIGHTS_MAX + 1 }, (_, n) => `${n.toString(16).padStart(8, "0")}-0000-7000-8000-000000000000`);
    expect(() => readRights(writeRights(many))).toThrow(RangeError);
  });
});

it("frames of the largest lease are still countable", async () => {
  expect((await split(crypto.getRandomValues(new Uint8Array(60_000)))).length).toBe(239);
});

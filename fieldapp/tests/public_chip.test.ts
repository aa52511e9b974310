/** A chip that signs its taps, and its key in the QR, against the vectors of the Python twin. Refusals first. */

import { describe, expect, it } from "vitest";
import chips from "../../vectors/public_chip.json";
import cards from "../../vectors/qr_cnf.json";
import { fromHex, toHex, type Bytes } from "../core/bytes";
import { decode, NotOurCborError } from "../core/cbor";
import { readConfirmation } from "../core/chip_key";
import { newKeyPair } from "../core/es256";
import { isGenuine, readTapUrl, signedMessage, weighAll, type ExpectedChip, type SignedTap } from "../core/public_chip";
import { readCard } from "../core/qr";
import { ringOf } from "../core/ring";
import { decide, type TapsState, type Verdict } from "../core/verdict";

const ring = ringOf({ v: 1, issued_at: cards.at, keys: cards.ring });
const now_ms = Date.parse(cards.at);
const { host } = chips;

function tapOf(url: string): SignedTap {
  const tap = readTapUrl(url, host);
  if (tap === null) throw new Error(`no tap: ${url}`);
  return tap;
}

function chipOf(told: { point: string; uid: string | null } | null): ExpectedChip | null {
  return told && { point: fromHex(told.point), uid: told.uid };
}

describe("the key of a chip in a card's QR", () => {
  it.each(cards.refused)("is refused: $name", async ({ text, code }) => {
    expect(await readCard(text, ring, cards.issuer, now_ms)).toEqual({ state: code, claims: null });
  });

  it.each(["f3", "f6", "f7", "f814", "f8ff", "f97e00", "a1f500"])("is not read from %s", (hex) => {
    expect(() => decode(fromHex(hex))).toThrow(NotOurCborError);
  });

  it.each(cards.valid)("is read: $name", async ({ text, claims }) => {
    const read = await readCard(text, ring, cards.issuer, now_ms);

    const chip_key = read.claims?.chip_key;
    expect({ ...read.claims, chip_key: chip_key ? toHex(chip_key) : null }).toEqual(claims);
    expect(read.state).toBe("valid");
  });

  it("is found again of its x and the sign of its y, whatever the key", async () => {
    for (let round = 0; round < 40; round++) {
      const { publicKey } = await newKeyPair();
      const point: Bytes = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
      const odd = ((point[64] ?? 0) & 1) === 1;
      const key = new Map<number, number | boolean | Bytes>([
        [1, 2],
        [-1, 1],
        [-2, point.slice(1, 33)],
        [-3, odd],
      ]);
      expect(readConfirmation(new Map([[1, key]]))).toEqual(point);
    }
  });
});

describe("a signed tap", () => {
  it.each(chips.refused_urls)("is not in $name", ({ url }) => {
    expect(readTapUrl(url, host)).toBeNull();
  });

  it.each(chips.refused)("is not the chip's: $name", async ({ point, url }) => {
    expect(await isGenuine(fromHex(point), tapOf(url), host)).toBe(false);
  });

  it.each([
    { uid: "04a1b2c3d4e5", counter: 1 },
    { uid: "04A1B2C3D4E5F6", counter: 1 },
    { uid: "04a1b2c3d4e5f6", counter: 0x1000000 },
    { uid: "04a1b2c3d4e5f6", counter: 1.5 },
  ])("is none with $uid and $counter", async (altered) => {
    const { point, url } = chips.genuine[0]!;

    expect(await isGenuine(fromHex(point), { ...tapOf(url), ...altered }, host)).toBe(false);
  });

  it.each([0, 63, 65])("is none with a signature of %i bytes", async (size) => {
    const { point, url } = chips.genuine[0]!;
    const tap = tapOf(url);
    const signature = new Uint8Array(size);
    signature.set(tap.signature.slice(0, size));

    expect(await isGenuine(fromHex(point), { ...tap, signature }, host)).toBe(false);
  });

  it.each(chips.genuine)("is the chip's: $name", async ({ point, url }) => {
    expect(await isGenuine(fromHex(point), tapOf(url), host)).toBe(true);
  });

  it("signs the characters of the file up to the signature", () => {
    const { uid, counter, text } = chips.message;

    expect(new TextDecoder().decode(signedMessage(host, uid, counter))).toBe(text);
  });
});

describe("all taps of one showing", () => {
  it.each(chips.weighed)("are weighed: $name", async ({ taps, chip, high, expected }) => {
    expect(await weighAll(taps.map(tapOf), chipOf(chip), host, high)).toEqual(expected);
  });
});

describe("the verdict after a scanned QR, without a network and without tickets", () => {
  async function show(name: string): Promise<Verdict> {
    const { claims } = await readCard(cards.valid[0]!.text, ring, cards.issuer, now_ms);
    const shown = chips.weighed.find((one) => one.name === name);
    if (!claims?.chip_key || !shown) throw new Error("vectors");
    const chip = { point: claims.chip_key, uid: null };
    return verdictOn((await weighAll(shown.taps.map(tapOf), chip, host, shown.high)).taps);
  }

  function verdictOn(taps: TapsState): Verdict {
    const here = { act: "deliver", online: false, lease: true, custody: false, nfc: true } as const;
    return decide({ ...here, qr: "valid", taps, list_age_days: 1, tap_required: true });
  }

  it.each([
    ["the chip of another card, the key from the QR", "red", "tap.other_card"],
    ["the same tap twice", "red", "tap.replayed"],
    ["one fresh tap, the key from the QR", "amber", "tap.only_one"],
    ["two rising taps, the key from the QR", "green", "tap.genuine"],
    ["far beyond any window of tickets", "green", "tap.genuine"],
  ])("of %s is %s", async (name, colour, reason) => {
    const verdict = await show(name);

    expect([verdict.colour, verdict.reason]).toEqual([colour, reason]);
  });
});

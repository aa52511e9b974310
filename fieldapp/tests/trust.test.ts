/** Whom the phone believes: the first ring by the code's hash, later rings by the one before, leases for itself alone. */

import { describe, expect, it, vi } from "vitest";
import { fromBase64Url, sha256, toBase64Url, toHex, utf8, type Bytes } from "../core/bytes";
import { compactJws, newKeyPair, publicJwk, type PublicJwk } from "../core/es256";
import { SignatureError } from "../core/jws";
import { holds, openLease } from "../core/lease";
import { activeKey, keptRing, openFirstRing, openNextRing, trusted } from "../core/ring";
import { Clock } from "../device/clock";
import { readCode } from "../sync/enrol";

interface Key {
  pair: CryptoKeyPair;
  jwk: PublicJwk;
}

async function newKey(): Promise<Key> {
  const pair = await newKeyPair();
  return { pair, jwk: await publicJwk(pair.publicKey) };
}

async function hashOf({ jwk }: Key): Promise<Bytes> {
  return sha256(new Uint8Array([4, ...fromBase64Url(jwk.x), ...fromBase64Url(jwk.y)]));
}

const purposes = ["enrolment", "ring", "lease", "card"] as const;

interface Office {
  keys: Record<(typeof purposes)[number], Key>;
  ring: (by: "enrolment" | "ring", issued_at?: string, states?: Record<string, string>) => Promise<string>;
}

async function newOffice(): Promise<Office> {
  const keys = Object.fromEntries(await Promise.all(purposes.map(async (purpose) => [purpose, await newKey()]))) as Office["keys"];
  return {
    keys,
    ring: async (by, issued_at = "2026-11-12T05:00:00.000Z", states = {}) => {
      const listed = purposes.map((purpose, place) => ({
        kid: place + 1,
        purpose,
        alg: "ES256",
        x: keys[purpose].jwk.x,
        y: keys[purpose].jwk.y,
        not_before: "2026-01-01T00:00:00.000Z",
        not_after: "2032-01-01T00:00:00.000Z",
        state: states[purpose] ?? "active",
      }));
      const header = { alg: "ES256", kid: String(purposes.indexOf(by) + 1), typ: "betang-ring+jws" };
      return compactJws(keys[by].pair.privateKey, header, utf8(JSON.stringify({ v: 1, issued_at, keys: listed })));
    },
  };
}

describe("the first ring", () => {
  it("is refused when its key is not the one of the code", async () => {
    const office = await newOffice();
    const stranger = await newOffice();

    const opening = openFirstRing(await stranger.ring("enrolment"), await hashOf(office.keys.enrolment));

    await expect(opening).rejects.toThrow(SignatureError);
  });

  it("is refused when the right key is named and another signed", async () => {
    const office = await newOffice();
    const stranger = await newKey();
    const [head = "", payload = ""] = (await office.ring("enrolment")).split(".");
    const forged = await compactJws(
      stranger.pair.privateKey,
      JSON.parse(new TextDecoder().decode(fromBase64Url(head))) as object,
      fromBase64Url(payload),
    );

    await expect(openFirstRing(forged, await hashOf(office.keys.enrolment))).rejects.toThrow(SignatureError);
  });

  it("is refused when the ring's own key signed it", async () => {
    const office = await newOffice();

    const opening = openFirstRing(await office.ring("ring"), await hashOf(office.keys.enrolment));

    await expect(opening).rejects.toThrow(SignatureError);
  });

  it("is believed by the hash in the code", async () => {
    const office = await newOffice();

    const ring = await openFirstRing(await office.ring("enrolment"), await hashOf(office.keys.enrolment));

    expect(activeKey(ring, "lease")?.kid).toBe(3);
    expect(trusted(ring, 4, "card")).toMatchObject({ purpose: "card" });
    expect(trusted(ring, 4, "lease")).toBe("key.other_purpose");
    expect(trusted(ring, 9, "card")).toBe("key.unknown");
  });
});

describe("a later ring", () => {
  it("is refused from a stranger, and when it is older than the one held", async () => {
    const office = await newOffice();
    const stranger = await newOffice();
    const held = keptRing(await office.ring("enrolment"));

    await expect(openNextRing(await stranger.ring("ring"), held)).rejects.toThrow(SignatureError);
    await expect(openNextRing(await office.ring("ring", "2026-11-11T05:00:00.000Z"), held)).rejects.toThrow("older");
    await expect(openNextRing("x.y.z", held)).rejects.toThrow(SignatureError);
  });

  it("is vouched for by the enrolment key that was held, while the ring key is new", async () => {
    const office = await newOffice();
    const held = keptRing(await office.ring("enrolment"));
    const later = "2026-11-13T05:00:00.000Z";

    await expect(openNextRing(await office.ring("enrolment", later), held)).resolves.toMatchObject({ issued_at: later });
    const revoked = keptRing(await office.ring("ring", later, { enrolment: "revoked" }));
    await expect(openNextRing(await office.ring("enrolment", later), revoked)).rejects.toThrow("ring:");
  });

  it("takes a key away", async () => {
    const office = await newOffice();
    const held = keptRing(await office.ring("enrolment"));

    const next = await openNextRing(await office.ring("ring", "2026-11-13T05:00:00.000Z", { card: "revoked" }), held);

    expect(trusted(next, 4, "card")).toBe("key.rotated_out");
  });
});

describe("a lease", () => {
  const device = { short_id: "7K3M9QXA", thumbprint: "ab" };
  const facts = {
    v: 1,
    lease: "l",
    dev: "7K3M9QXA",
    thumbprint: "ab",
    cycle: "c",
    issued_at: "2026-11-12T00:00:00.000Z",
    not_after: "2026-11-19T00:00:00.000Z",
    rights: ["right"],
  };

  async function leased(change: object, header: object = {}): Promise<ReturnType<typeof openLease>> {
    const office = await newOffice();
    const ring = keptRing(await office.ring("enrolment"));
    const head = { alg: "ES256", kid: "3", typ: "betang-lease+jws", ...header };
    const jws = await compactJws(office.keys.lease.pair.privateKey, head, utf8(JSON.stringify({ ...facts, ...change })));
    return openLease(jws, ring, device);
  }

  it.each([
    ["for another device", { dev: "AAAAAAAA" }, {}],
    ["for another key of this name", { thumbprint: "cd" }, {}],
    ["by a key of another purpose", {}, { kid: "4" }],
    ["of another type", {}, { typ: "betang-event+jws" }],
  ])("is refused %s", async (_name, change, header) => {
    await expect(leased(change, header)).rejects.toThrow(SignatureError);
  });

  it("holds its rights from issue to end, and no other", async () => {
    const lease = await leased({});
    const during = Date.parse("2026-11-15T00:00:00.000Z");

    expect(holds(lease, "right", during)).toBe(true);
    expect(holds(lease, "other", during)).toBe(false);
    expect(holds(lease, "right", Date.parse(facts.not_after) + 1)).toBe(false);
    expect(holds(lease, "right", Date.parse(facts.issued_at) - 1)).toBe(false);
  });
});

describe("the clock", () => {
  it("is not turned back: neither behind the server's word nor behind what it knew before", () => {
    vi.useFakeTimers({ now: Date.parse("2026-11-20T00:00:00.000Z") });
    const clock = new Clock(Date.parse("2026-11-18T00:00:00.000Z"));
    clock.heard(Date.parse("2026-11-20T00:00:00.000Z"));

    vi.setSystemTime(Date.parse("2026-11-01T00:00:00.000Z"));

    expect(clock.now_ms()).toBeGreaterThanOrEqual(Date.parse("2026-11-20T00:00:00.000Z"));
    expect(new Clock(Date.parse("2026-11-18T00:00:00.000Z")).now_ms()).toBe(Date.parse("2026-11-18T00:00:00.000Z"));
    vi.useRealTimers();
  });
});

describe("an enrolment code", () => {
  const code = "A".repeat(22);
  const hash = toBase64Url(fromBase64Url("A".repeat(43)));

  it.each([
    ["nothing", ""],
    ["a web address", "https://betang.example/lapangan/"],
    ["a short code", `https://betang.example/lapangan/#enrol=AAAA.${hash}`],
    ["no hash", `https://betang.example/lapangan/#enrol=${code}`],
    ["another scheme", `javascript:alert(1)//lapangan/#enrol=${code}.${hash}`],
  ])("is none when it is %s", (_name, text) => {
    expect(readCode(text, "https://here.example")).toBeNull();
  });

  it("is read from the office's link, or typed with spaces for this very site", () => {
    expect(readCode(`https://betang.example/lapangan/#enrol=${code}.${hash}`, "x")?.origin).toBe("https://betang.example");
    expect(readCode(`${code.slice(0, 9)} ${code.slice(9)} . ${hash}`, "https://here.example")).toEqual({
      origin: "https://here.example",
      code,
      key_hash: hash,
    });
  });
});

it("writes hashes as lower-case hex", async () => {
  expect(toHex(await sha256(utf8("")))).toMatch(/^e3b0c442/);
});

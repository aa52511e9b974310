/** Answers that broke off on the way, and a request that something between sent twice by itself. */

import { afterEach, describe, expect, it, vi } from "vitest";
import { fromUtf8, type Bytes } from "../core/bytes";
import { newKeyPair, publicJwk } from "../core/es256";
import { readJws } from "../core/jws";
import { Client } from "../sync/client";

const ORIGIN = "https://betang.example";
const REPLAYED = { code: "proof.replayed", sentence: "Bukti kunci gawai ini sudah pernah dipakai.", do: "" };

async function phone(...answers: Response[]): Promise<{ client: Client; proofs: string[] }> {
  const proofs: string[] = [];
  vi.stubGlobal("fetch", (_path: string, how: { headers: Headers }) => {
    proofs.push((JSON.parse(fromUtf8(readJws(how.headers.get("DPoP") ?? "", "dpop+jwt").payload as Bytes)) as { jti: string }).jti);
    return Promise.resolve(answers.shift() ?? new Response(null, { status: 500 }));
  });
  const { privateKey, publicKey } = await newKeyPair();
  return { client: new Client(ORIGIN, privateKey, await publicJwk(publicKey)), proofs };
}

afterEach(() => void vi.unstubAllGlobals());

describe("an answer that broke off", () => {
  it.each(["", '{"answers":[{"n":0,', "null", "[]", "17"])("as %j is none: the server was not reached", async (said) => {
    const { client } = await phone(new Response(said, { status: 200 }));

    expect(await client.sendJson("POST", "/api/v1/events", { events: [] })).toEqual({ kind: "unreachable" });
  });

  it("is not the one that has nothing to say", async () => {
    const { client } = await phone(new Response(null, { status: 204 }), new Response(null, { status: 200 }));

    expect(await client.send("PATCH", "/api/v1/blobs/00")).toMatchObject({ kind: "answer", status: 204 });
    expect(await client.send("HEAD", "/api/v1/blobs/00")).toMatchObject({ kind: "answer", status: 200 });
  });
});

describe("a request that the network sent twice", () => {
  it("is made once more with a new proof, and nobody is told", async () => {
    const { client, proofs } = await phone(Response.json(REPLAYED, { status: 401 }), Response.json({ answers: [] }));

    expect(await client.sendJson("POST", "/api/v1/events", { events: [] })).toMatchObject({ kind: "answer" });
    expect(new Set(proofs).size).toBe(2);
  });

  it("is not made again and again", async () => {
    const { client, proofs } = await phone(Response.json(REPLAYED, { status: 401 }), Response.json(REPLAYED, { status: 401 }));

    expect(await client.sendJson("POST", "/api/v1/events", { events: [] })).toMatchObject({ kind: "refusal", code: "proof.replayed" });
    expect(proofs.length).toBe(2);
  });
});

/** What is asked of the server for a right: after it has heard what went from phone to phone. */

import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Database } from "../store/database";
import { record, type Signer } from "../store/queue";
import type { Client, Outcome } from "../sync/client";
import { askAbout, reserve } from "../sync/online";
import { newSigner } from "./signing";

// Node has no locks; one tab needs none.
vi.stubGlobal("navigator", {});

const EVENTS = "/api/v1/events";
const RESERVE = "/api/v1/claims/reserve";

let db: Database;
let signer: Signer;
let asked: string[];

/** A server that stores what it hears, or that nobody reaches at `EVENTS`. */
function serverThat(stores: boolean): Client {
  const sendJson = async (_: string, path: string, content: { events?: unknown[] }): Promise<Outcome<unknown>> => {
    asked.push(path);
    if (path === EVENTS && !stores) return { kind: "unreachable" };
    const answers = (content.events ?? []).map((_event, n) => ({ n, seq: n + 1, answer: "stored" }));
    const body = path === EVENTS ? { answers, expected_seq: 9, state: "active" } : { rights: [], refused: [] };
    return { kind: "answer", status: 200, body, headers: new Headers() };
  };
  return { sendJson } as unknown as Client;
}

beforeEach(async () => {
  asked = [];
  db = new Database(`betang-${Math.random()}`);
  signer = await newSigner();
});

async function handOn(): Promise<void> {
  await record(db, signer, { type: "lease.transferred", at_ms: 0, mono_ms: 0, lease: "l", data: {}, subjects: ["l", "11", "r1"] });
}

describe("a right that is asked for online", () => {
  it("is not reserved while the server has not heard what this phone handed on", async () => {
    await handOn();

    expect(await reserve(db, serverThat(false), "62")).toEqual({ kind: "unreachable" });
    expect(asked).toEqual([EVENTS]);
  });

  it("is reserved after the server has heard it", async () => {
    await handOn();

    expect((await reserve(db, serverThat(true), "62")).kind).toBe("answer");
    expect(asked).toEqual([EVENTS, RESERVE]);
  });

  it("is reserved at once where nothing was handed on", async () => {
    await reserve(db, serverThat(true), "62");

    expect(asked).toEqual([RESERVE]);
  });

  it("is not asked about before the server can know of it", async () => {
    await handOn();

    expect(await askAbout(db, serverThat(true), "r1")).toEqual({ said: "unanswered" });
    expect(asked).toEqual([]);
  });
});

/** Requests to the server, each with its proof (docs/protocols/device.md, section 2). Never a cookie, never a cache. */

import { utf8, type Bytes } from "../core/bytes";
import { gzip } from "../core/deflate";
import { prove, type Report } from "../core/dpop";
import type { PublicJwk } from "../core/es256";
import { isRecord } from "../core/jws";

/** Long enough for 2G, short enough that a dead network is told before the thumb gives up. */
const TIMEOUT_MS = 45_000;
const PING_TIMEOUT_MS = 8_000;
/** What is smaller travels in the packet of its headers, packed or not. */
const PACKED_BYTES_MIN = 400;
/** Refusals of a proof that says nothing against the request: another proof will do. */
const MADE_ANEW: ReadonlySet<string> = new Set(["proof.use_nonce", "proof.replayed"]);

export type Outcome<Body> =
  | { kind: "answer"; status: number; body: Body; headers: Headers }
  | { kind: "refusal"; status: number; code: string; sentence: string; do: string }
  | { kind: "unreachable" };

export interface Pong {
  readonly server_ms: number;
}

export interface Sending {
  readonly body?: Bytes;
  readonly content_type?: string;
  readonly query?: string;
  readonly headers?: Record<string, string>;
  /** The answer is no JSON: give its bytes. */
  readonly bytes?: boolean;
  /** Less patience than usual: somebody stands there. */
  readonly timeout_ms?: number;
  /** What the phone tells of itself, in the proof. */
  readonly report?: Report;
}

export class Client {
  private nonce: string | null = null;
  /** The server said that bodies may come packed (RFC 9110, section 12.5.3). */
  private unpacks = false;

  /**
   * `origin` is the configured one, of the enrolment code: what the proof names, whatever the address bar says.
   * `closed` ends everything: a locked phone asks for nothing.
   */
  constructor(
    private readonly origin: string,
    private readonly key: CryptoKey,
    private readonly jwk: PublicJwk,
    private readonly closed: AbortSignal | null = null,
  ) {}

  /** This will say whether the server itself answers; a captive portal does not count. */
  async ping(): Promise<Pong | null> {
    const outcome = await this.once<{ betang?: string; at?: string }>("GET", "/api/v1/ping", {}, PING_TIMEOUT_MS, false);
    if (outcome.kind !== "answer" || outcome.body.betang !== "pong") return null;
    return { server_ms: Date.parse(outcome.body.at ?? "") };
  }

  /**
   * This will send one request; a proof that wants a fresh nonce is made again, once, and so is one that was seen
   * before: where an answer is lost, the browser itself may have sent the same bytes twice.
   */
  async send<Body>(method: string, path: string, sending: Sending = {}): Promise<Outcome<Body>> {
    const timeout_ms = sending.timeout_ms ?? TIMEOUT_MS;
    const first = await this.once<Body>(method, path, sending, timeout_ms, true);
    if (first.kind === "refusal" && MADE_ANEW.has(first.code)) {
      return this.once<Body>(method, path, sending, timeout_ms, true);
    }
    return first;
  }

  /** This will send a JSON body, packed where the server takes that. */
  async sendJson<Body>(method: string, path: string, value: unknown, how: Sending = {}): Promise<Outcome<Body>> {
    const body = utf8(JSON.stringify(value));
    const sending = { ...how, body, content_type: "application/json" };
    if (!this.unpacks || body.length < PACKED_BYTES_MIN) return this.send<Body>(method, path, sending);
    const headers = { ...how.headers, "Content-Encoding": "gzip" };
    return this.send<Body>(method, path, { ...sending, headers, body: await gzip(body) });
  }

  private async once<Body>(
    method: string,
    path: string,
    sending: Sending,
    timeout_ms: number,
    proven: boolean,
  ): Promise<Outcome<Body>> {
    if (this.closed?.aborted === true) return { kind: "unreachable" };
    const headers = new Headers(sending.headers);
    if (sending.content_type) headers.set("Content-Type", sending.content_type);
    if (proven) headers.set("DPoP", await this.proof(method, path, sending));
    let response: Response;
    let text = "";
    let bytes: Bytes | null = null;
    try {
      response = await fetch(path + (sending.query ?? ""), {
        method,
        headers,
        body: sending.body ?? null,
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        signal: this.untilClosed(timeout_ms),
      });
      if (sending.bytes === true && response.ok) bytes = new Uint8Array(await response.arrayBuffer());
      else text = await response.text();
    } catch {
      return { kind: "unreachable" };
    }
    this.nonce = response.headers.get("DPoP-Nonce") ?? this.nonce;
    this.unpacks = /\bgzip\b/.test(response.headers.get("Accept-Encoding") ?? "");
    if (bytes !== null) return { kind: "answer", status: response.status, body: bytes as Body, headers: response.headers };
    return understand<Body>(response, text, method !== "HEAD" && response.status !== 204);
  }

  private untilClosed(timeout_ms: number): AbortSignal {
    const timeout = AbortSignal.timeout(timeout_ms);
    return this.closed === null ? timeout : AbortSignal.any([this.closed, timeout]);
  }

  private async proof(method: string, path: string, sending: Sending): Promise<string> {
    const { body = null, report } = sending;
    const request = { method, url: this.origin + path, nonce: this.nonce, body, now_ms: Date.now(), report };
    return prove(this.key, this.jwk, request);
  }
}

/** `has_body`: an answer without one broke off on the way, like one that is no object. */
function understand<Body>(response: Response, text: string, has_body: boolean): Outcome<Body> {
  let body: unknown = {};
  if (text !== "") {
    try {
      body = JSON.parse(text);
    } catch {
      return { kind: "unreachable" }; // not our server: a portal or a proxy's page
    }
  }
  if (response.ok) {
    if (has_body && (text === "" || !isRecord(body))) return { kind: "unreachable" };
    return { kind: "answer", status: response.status, body: body as Body, headers: response.headers };
  }
  const refusal = isRecord(body) ? body : {};
  const wants_nonce = response.headers.get("WWW-Authenticate")?.includes("use_dpop_nonce"); // HEAD has no body
  return {
    kind: "refusal",
    status: response.status,
    code: wants_nonce ? "proof.use_nonce" : String(refusal["code"] ?? ""),
    sentence: String(refusal["sentence"] ?? "Server menolak permintaan ini."),
    do: String(refusal["do"] ?? "Coba lagi nanti."),
  };
}

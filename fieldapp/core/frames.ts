/** What two phones show each other as QR codes: one code, or numbered frames; the twin of betang/core/lease/frames.py. */

import { fromBase45, toBase45 } from "./base45";
import { concat, sha256, toHex, type Bytes } from "./bytes";

export const OFFER = "BT1R:";
export const FRAME = "BT1H:";
export const RECEIPT = "BT1A:";
/** With these a frame is a QR of version 12 with level M: 65 modules, for a cheap camera. */
const CHUNK_BYTES = 252;
const TAG_BYTES = 8;
const HEAD_BYTES = TAG_BYTES + 4;
const FRAMES_MAX = 2_048;
const TEXT_MAX = 4_096;

export class NotAFrameError extends Error {}

export interface Frame {
  readonly tag: Bytes;
  readonly n: number;
  readonly of: number;
  readonly chunk: Bytes;
}

/** This will write one code. */
export function writeCode(kind: string, content: Uint8Array): string {
  return kind + toBase45(content);
}

/** This will read one code of `kind`; throws NotAFrameError. */
export function readCode(kind: string, text: string): Bytes {
  if (!text.startsWith(kind) || text.length > TEXT_MAX) throw new NotAFrameError("another kind of code");
  try {
    return fromBase45(text.slice(kind.length));
  } catch (error) {
    throw new NotAFrameError("code", { cause: error });
  }
}

/** This will write a whole as frames; they may be shown in any order, again and again. */
export async function split(whole: Bytes): Promise<string[]> {
  const of = Math.ceil(whole.length / CHUNK_BYTES);
  if (of < 1 || of > FRAMES_MAX) throw new RangeError("frames: too long");
  const tag = (await sha256(whole)).slice(0, TAG_BYTES);
  return Array.from({ length: of }, (_, n) => {
    const place = new Uint8Array([n >> 8, n & 0xff, of >> 8, of & 0xff]);
    return writeCode(FRAME, concat(tag, place, whole.slice(n * CHUNK_BYTES, (n + 1) * CHUNK_BYTES)));
  });
}

/** This will read one frame; throws NotAFrameError. */
export function readFrame(text: string): Frame {
  const data = readCode(FRAME, text);
  if (data.length <= HEAD_BYTES || data.length > HEAD_BYTES + CHUNK_BYTES) throw new NotAFrameError("another length");
  const view = new DataView(data.buffer);
  const [n, of] = [view.getUint16(TAG_BYTES), view.getUint16(TAG_BYTES + 2)];
  if (n >= of || of > FRAMES_MAX) throw new NotAFrameError("out of its sequence");
  return { tag: data.slice(0, TAG_BYTES), n, of, chunk: data.slice(HEAD_BYTES) };
}

/** Frames as a camera sees them: in any order, again and again, of one whole at a time. */
export class Collected {
  private tag = "";
  private chunks = new Map<number, Bytes>();
  of = 0;

  get count(): number {
    return this.chunks.size;
  }

  get complete(): boolean {
    return this.of > 0 && this.count === this.of;
  }

  /** This will take a frame; another whole begins anew. False for what is no frame. */
  add(text: string): boolean {
    let frame: Frame;
    try {
      frame = readFrame(text);
    } catch (error) {
      if (!(error instanceof NotAFrameError)) throw error;
      return false;
    }
    const tag = toHex(frame.tag);
    if (tag !== this.tag || frame.of !== this.of) this.chunks = new Map();
    [this.tag, this.of] = [tag, frame.of];
    this.chunks.set(frame.n, frame.chunk);
    return true;
  }

  /** This will give the whole once it is complete; throws NotAFrameError, and forgets, when the parts do not fit. */
  async whole(): Promise<Bytes> {
    const parts = Array.from({ length: this.of }, (_, n) => this.chunks.get(n) ?? new Uint8Array());
    const whole = concat(...parts);
    if (this.complete && toHex((await sha256(whole)).slice(0, TAG_BYTES)) === this.tag) return whole;
    this.chunks = new Map();
    throw new NotAFrameError("the frames do not fit together");
  }
}

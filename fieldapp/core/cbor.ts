/**
 * The small part of CBOR (RFC 8949) that our tokens use, and a refusal of the rest: integers, byte and text strings,
 * arrays, maps, tags, true and false; definite lengths, shortest form, no key twice, nothing after the end, nothing
 * deep. The twin of betang/core/card/cbor.py. And the few heads that a Sig_structure needs.
 */

import { concat, fromUtf8, utf8, type Bytes } from "./bytes";

const DEPTH_MAX = 6;
/** The two simple values that are read (RFC 8949, section 3.3). */
const FALSE = 20;
const TRUE = 21;

export class Tagged {
  constructor(
    readonly tag: number,
    readonly item: Cbor,
  ) {}
}

export type CborMap = Map<number | string, Cbor>;
export type Cbor = number | string | boolean | Bytes | Cbor[] | CborMap | Tagged;

export class NotOurCborError extends RangeError {}

/** This will read exactly one item that fills `bytes`; throws NotOurCborError. */
export function decode(bytes: Uint8Array): Cbor {
  const reader = new Reader(bytes);
  const item = reader.item(DEPTH_MAX);
  if (!reader.atEnd) throw new NotOurCborError("bytes after the end");
  return item;
}

class Reader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  item(depth: number): Cbor {
    if (depth === 0) throw new NotOurCborError("nested too deep");
    const { kind, number } = this.head();
    switch (kind) {
      case 0:
        return number;
      case 1:
        return -1 - number;
      case 2:
        return this.take(number).slice();
      case 3:
        return this.text(number);
      case 4:
        return this.array(number, depth);
      case 5:
        return this.map(number, depth);
      case 7:
        return number === TRUE;
      default:
        return new Tagged(number, this.item(depth - 1));
    }
  }

  private head(): { kind: number; number: number } {
    const first = this.take(1)[0] ?? 0;
    const kind = first >> 5;
    const short = first & 0x1f;
    if (kind === 7 && short !== FALSE && short !== TRUE) {
      throw new NotOurCborError("a float, or a simple value that is neither true nor false");
    }
    if (short < 24) return { kind, number: short };
    if (short > 27) throw new NotOurCborError("an indefinite or reserved length");
    let number = 0;
    for (const byte of this.take(1 << (short - 24))) number = number * 256 + byte;
    if (number < [24, 2 ** 8, 2 ** 16, 2 ** 32][short - 24]!) throw new NotOurCborError("not the shortest form");
    if (!Number.isSafeInteger(number)) throw new NotOurCborError("beyond any number of ours");
    return { kind, number };
  }

  private text(length: number): string {
    try {
      return fromUtf8(this.take(length));
    } catch (error) {
      throw new NotOurCborError("not UTF-8", { cause: error });
    }
  }

  private array(count: number, depth: number): Cbor[] {
    const items: Cbor[] = [];
    for (let i = 0; i < count; i++) items.push(this.item(depth - 1)); // an absurd count ends at once
    return items;
  }

  private map(count: number, depth: number): CborMap {
    const pairs: CborMap = new Map();
    for (let i = 0; i < count; i++) {
      const key = this.item(depth - 1);
      if ((typeof key !== "number" && typeof key !== "string") || pairs.has(key)) {
        throw new NotOurCborError("a key twice, or not a number or text");
      }
      pairs.set(key, this.item(depth - 1));
    }
    return pairs;
  }

  private take(length: number): Bytes {
    if (this.at + length > this.bytes.length) throw new NotOurCborError("cut short");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at) as Bytes;
  }
}

/** This will write the head of an item of `kind` with `number` (below 2^32). */
export function head(kind: number, number: number): Bytes {
  const first = kind << 5;
  if (number < 24) return new Uint8Array([first | number]);
  if (number < 0x100) return new Uint8Array([first | 24, number]);
  if (number < 0x10000) return new Uint8Array([first | 25, number >> 8, number & 0xff]);
  const bytes = new Uint8Array(5);
  bytes[0] = first | 26;
  new DataView(bytes.buffer).setUint32(1, number);
  return bytes;
}

/** This will write a byte string. */
export function byteString(bytes: Uint8Array): Bytes {
  return concat(head(2, bytes.length), bytes);
}

/** This will write a text string. */
export function textString(text: string): Bytes {
  const bytes = utf8(text);
  return concat(head(3, bytes.length), bytes);
}

/**
 * A small CBOR reader (RFC 8949), as much of it as COSE and CWT need: definite lengths only, integers in the
 * safe range, no duplicate keys, a depth limit, nothing after the end. And the few heads a Sig_structure needs.
 */

import { concat, fromUtf8, utf8, type Bytes } from "./bytes";

/** Deeper than any claim set; a hostile code must not be able to exhaust the stack. */
const DEPTH_MAX = 16;

export class Tagged {
  constructor(
    readonly tag: number,
    readonly value: Cbor,
  ) {}
}

export type CborMap = Map<number | string, Cbor>;
export type Cbor = number | string | boolean | null | undefined | Bytes | Cbor[] | CborMap | Tagged;

/** This will decode exactly one item; throws RangeError on anything malformed or left over. */
export function decode(bytes: Uint8Array): Cbor {
  const reader = new Reader(bytes);
  const value = reader.item(0);
  if (!reader.atEnd) throw new RangeError("cbor: bytes after the end");
  return value;
}

class Reader {
  private offset = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.offset === this.bytes.length;
  }

  item(depth: number): Cbor {
    if (depth > DEPTH_MAX) throw new RangeError("cbor: too deep");
    const head = this.take(1)[0] ?? 0;
    const major = head >> 5;
    const info = head & 0x1f;
    if (major === 7) return this.simple(info);
    const argument = this.argument(info);
    switch (major) {
      case 0:
        return argument;
      case 1:
        return -1 - argument;
      case 2:
        return this.take(argument).slice();
      case 3:
        return fromUtf8(this.take(argument));
      case 4:
        return this.array(argument, depth);
      case 5:
        return this.map(argument, depth);
      default:
        return new Tagged(argument, this.item(depth + 1));
    }
  }

  private array(length: number, depth: number): Cbor[] {
    if (length > this.bytes.length - this.offset) throw new RangeError("cbor: array too long");
    const items: Cbor[] = [];
    for (let i = 0; i < length; i++) items.push(this.item(depth + 1));
    return items;
  }

  private map(length: number, depth: number): CborMap {
    if (length > this.bytes.length - this.offset) throw new RangeError("cbor: map too long");
    const entries: CborMap = new Map();
    for (let i = 0; i < length; i++) {
      const key = this.item(depth + 1);
      if (typeof key !== "number" && typeof key !== "string") throw new RangeError("cbor: strange key");
      if (entries.has(key)) throw new RangeError("cbor: key twice");
      entries.set(key, this.item(depth + 1));
    }
    return entries;
  }

  private simple(info: number): Cbor {
    if (info === 20) return false;
    if (info === 21) return true;
    if (info === 22) return null;
    if (info === 23) return undefined;
    if (info === 26) {
      this.take(4);
      return this.view.getFloat32(this.offset - 4);
    }
    if (info === 27) {
      this.take(8);
      return this.view.getFloat64(this.offset - 8);
    }
    throw new RangeError("cbor: strange simple value");
  }

  private argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) throw new RangeError("cbor: indefinite length");
    const width = 1 << (info - 24);
    let value = 0;
    for (const byte of this.take(width)) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw new RangeError("cbor: number too large");
    return value;
  }

  private take(length: number): Bytes {
    if (this.offset + length > this.bytes.length) throw new RangeError("cbor: ends too early");
    this.offset += length;
    return this.bytes.subarray(this.offset - length, this.offset) as Bytes;
  }
}

/** This will write the head of an item of `major` type with `argument`. */
export function head(major: number, argument: number): Bytes {
  const first = major << 5;
  if (argument < 24) return new Uint8Array([first | argument]);
  if (argument < 0x100) return new Uint8Array([first | 24, argument]);
  if (argument < 0x10000) return new Uint8Array([first | 25, argument >> 8, argument & 0xff]);
  const bytes = new Uint8Array(5);
  bytes[0] = first | 26;
  new DataView(bytes.buffer).setUint32(1, argument);
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

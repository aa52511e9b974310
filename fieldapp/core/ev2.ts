/**
 * EV2 secure messaging of the NTAG 424 DNA as a reader speaks it; the twin of betang/core/card/ev2.py, held to it by
 * vectors/chip.json. Sources: NT4H2421Gx data sheet, section 9.1; AN12196.
 */

import { BLOCK_BYTES, cbc, uncbc } from "./aes";
import { concat, equal, fromHex, type Bytes } from "./bytes";
import { aesCmac, pad, shortMac, xor } from "./cmac";

export type CommMode = "plain" | "mac" | "full";

const SV1 = fromHex("A55A00010080");
const SV2 = fromHex("5AA500010080");
const MAC_BYTES = 8;
const TI_BYTES = 4;

/** What came is not what the other end of this session sends. */
export class MessagingError extends Error {}

/** This will derive the keys of encryption and of MACs from both challenges. */
export async function sessionKeys(key: Bytes, rnd_a: Bytes, rnd_b: Bytes): Promise<[Bytes, Bytes]> {
  const mixed = xor(rnd_a.slice(2, 8), rnd_b.slice(0, 6));
  const context = concat(rnd_a.slice(0, 2), mixed, rnd_b.slice(6), rnd_a.slice(8));
  return [await aesCmac(key, concat(SV1, context)), await aesCmac(key, concat(SV2, context))];
}

/** This will give the data of the second part of the authentication, which proves that we hold the key. */
export async function prove(key: Bytes, rnd_a: Bytes, challenge: Bytes): Promise<Bytes> {
  return cbc(key, concat(rnd_a, rotated(await uncbc(key, challenge))));
}

/** This will verify the card's proof and open the session; throws MessagingError. */
export async function finish(key: Bytes, rnd_a: Bytes, challenge: Bytes, answer: Bytes): Promise<Session> {
  if (answer.length !== 2 * BLOCK_BYTES) throw new MessagingError("wrong length");
  const said = await uncbc(key, answer);
  if (!equal(said.slice(TI_BYTES, TI_BYTES + BLOCK_BYTES), rotated(rnd_a))) throw new MessagingError("another key");
  const [encryption, mac] = await sessionKeys(key, rnd_a, await uncbc(key, challenge));
  return new Session(encryption, mac, said.slice(0, TI_BYTES));
}

/** An authenticated session and how many commands it has seen. */
export class Session {
  constructor(
    private readonly encryption_key: Bytes,
    private readonly mac_key: Bytes,
    readonly transaction: Bytes,
    public counter = 0,
  ) {}

  /** This will give what follows the instruction: header, data, MAC, as `mode` wants them. */
  async wrap(code: number, head: Bytes, data: Bytes, mode: CommMode): Promise<Bytes> {
    if (mode === "plain") return concat(head, data);
    const sealed = mode === "full" && data.length > 0 ? await cbc(this.encryption_key, pad(data), await this.commandIv()) : data;
    return concat(head, sealed, await this.mac(code, concat(head, sealed)));
  }

  /** This will count the command and give the data of its answer; throws MessagingError. */
  async unwrap(status: number, body: Bytes, mode: CommMode): Promise<Bytes> {
    this.counter += 1;
    if (mode === "plain") return body;
    const data = body.slice(0, Math.max(0, body.length - MAC_BYTES));
    if (!equal(await this.mac(status, data), body.slice(data.length))) throw new MessagingError("wrong MAC");
    if (mode === "mac" || data.length === 0) return data;
    return unpad(await uncbc(this.encryption_key, data, await this.iv(0x5a, 0xa5)));
  }

  /** This will give the IV of the next command. */
  async commandIv(): Promise<Bytes> {
    return this.iv(0xa5, 0x5a);
  }

  private async iv(first: number, second: number): Promise<Bytes> {
    const block = new Uint8Array(BLOCK_BYTES);
    block.set(concat(new Uint8Array([first, second]), this.transaction, this.number()));
    return cbc(this.encryption_key, block);
  }

  private async mac(first: number, rest: Bytes): Promise<Bytes> {
    return shortMac(this.mac_key, concat(new Uint8Array([first]), this.number(), this.transaction, rest));
  }

  private number(): Bytes {
    return new Uint8Array([this.counter & 0xff, this.counter >>> 8]);
  }
}

/** This will wrap a native command into an APDU. */
export function native(code: number, body: Bytes): Bytes {
  const length = body.length > 0 ? [body.length] : [];
  return concat(new Uint8Array([0x90, code, 0, 0, ...length]), body, new Uint8Array([0]));
}

/** This will write the data of ChangeKey: K0 as it is, another mixed with the old one and with a CRC. */
export function changeKeyData(number: number, new_key: Bytes, old_key: Bytes, version: number): Bytes {
  const byte = new Uint8Array([version]);
  return number === 0 ? concat(new_key, byte) : concat(xor(new_key, old_key), byte, crc32(new_key));
}

/** This will compute CRC32NK: the CRC of IEEE 802.3 without its last inversion, low byte first. */
export function crc32(data: Bytes): Bytes {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return new Uint8Array([crc, crc >>> 8, crc >>> 16, crc >>> 24]);
}

function rotated(challenge: Bytes): Bytes {
  return concat(challenge.slice(1), challenge.slice(0, 1));
}

function unpad(data: Bytes): Bytes {
  let end = data.length;
  while (end > 0 && data[end - 1] === 0) end--;
  if (data[end - 1] !== 0x80 || data.length - end >= BLOCK_BYTES) throw new MessagingError("wrong padding");
  return data.slice(0, end - 1);
}

/** The chip's cryptography against NXP's and our own examples, which the Python twin runs as well. Refusals first. */

import { describe, expect, it } from "vitest";
import vectors from "../../vectors/chip.json";
import { fromHex, fromUtf8, toHex, utf8, type Bytes } from "../core/bytes";
import { cardKey, diversify, fileEncryptionKey, isGenuine, readFileData, readPiccData, sunMac } from "../core/chip";
import { aesCmac, subkeys } from "../core/cmac";
import { changeKeyData, crc32, finish, MessagingError, native, prove, Session, sessionKeys, type CommMode } from "../core/ev2";

type Facts = Record<string, string | number | null | undefined>;
interface Case {
  readonly name: string;
  readonly kind: string;
  readonly given: Facts;
  readonly expected: Facts;
}

const cases: readonly Case[] = [...vectors.published, ...vectors.ours];
const named = (name: string): Case => {
  const found = cases.find((one) => one.name === name);
  if (!found) throw new Error(`no case ${name}`);
  return found;
};
const of_kind = (kind: string): readonly Case[] => cases.filter((one) => one.kind === kind);
const hex = (facts: Facts, name: string): Bytes => fromHex(String(facts[name] ?? ""));

const authentication = named("an12196-t14-authev2first-key0");

describe("a session with the chip", () => {
  const { given, expected } = authentication;
  const [key, rnd_a] = [hex(given, "key"), hex(given, "RndA")];
  const [challenge, answer] = [hex(given, "enc_RndB"), hex(given, "part2_response")];

  it("is refused to a card with another key, and where a byte was changed", async () => {
    await expect(finish(new Uint8Array(16).fill(1), rnd_a, challenge, answer)).rejects.toThrow(MessagingError);
    for (let place = 0; place < 20; place++) {
      const spoilt = answer.slice();
      spoilt[place] = (spoilt[place] ?? 0) ^ 1;
      await expect(finish(key, rnd_a, challenge, spoilt)).rejects.toThrow(MessagingError);
    }
    await expect(finish(key, rnd_a, challenge, answer.slice(1))).rejects.toThrow(MessagingError);
  });

  it("refuses an answer with a byte changed, and one said twice", async () => {
    const session = new Session(new Uint8Array(16), new Uint8Array(16), new Uint8Array(4));
    for (let place = 0; place < 8; place++) {
      const spoilt = new Uint8Array(8);
      spoilt[place] = 1;
      await expect(session.unwrap(0, spoilt, "full")).rejects.toThrow(MessagingError);
    }
    await expect(session.unwrap(0, new Uint8Array(3), "mac")).rejects.toThrow(MessagingError);
  });

  it("opens as in AN12196", async () => {
    const proof = await prove(key, rnd_a, challenge);
    const session = await finish(key, rnd_a, challenge, answer);
    const keys = await sessionKeys(key, rnd_a, hex(expected, "RndB"));

    expect(toHex(proof)).toBe(expected["part2_cmd_data"]);
    expect(toHex(native(0xaf, proof))).toBe(expected["part2_capdu"]);
    expect(toHex(native(0x71, new Uint8Array(2)))).toBe(given["cmd1"]);
    expect(toHex(session.transaction)).toBe(expected["TI"]);
    expect(keys.map(toHex)).toEqual([expected["KSesAuthENC"], expected["KSesAuthMAC"]]);
  });

  it.each(of_kind("ev2-session"))("derives $name", async ({ given: facts, expected: keys }) => {
    const derived = await sessionKeys(hex(facts, "key"), hex(facts, "RndA"), hex(facts, "RndB"));

    expect(derived.map(toHex)).toEqual([keys["KSesAuthENC"], keys["KSesAuthMAC"]]);
  });

  it.each(of_kind("ev2-command"))("speaks $name", async ({ given: facts, expected: told }) => {
    const code = hex(facts, "INS")[0] ?? 0;
    const mode = facts["CommMode"] as CommMode;
    const session = new Session(
      hex(facts, "KSesAuthENC"), hex(facts, "KSesAuthMAC"), hex(facts, "TI"), Number(facts["CmdCtr"]),
    );
    if (told["IVc"] !== undefined) expect(toHex(await session.commandIv())).toBe(told["IVc"]);

    const body = await session.wrap(code, hex(facts, "CmdHeader"), hex(facts, "CmdData_plain"), mode);

    expect(toHex(native(code, body))).toBe(told["C-APDU"]);
    const said = told["R-APDU"] ? hex(told, "R-APDU").slice(0, -2) : fromHex(`${told["R-data"] ?? ""}${told["R-MACt"]}`);
    const plain = facts["answer_plain"] ?? told["R-data"] ?? "";
    expect(toHex(await session.unwrap(0, said, mode))).toBe(plain);
  });

  it.each(of_kind("ev2-command").filter(({ given: facts }) => facts["new"] !== undefined))("mixes the keys of $name", ({ given: facts }) => {
    const data = changeKeyData(Number(facts["number"]), hex(facts, "new"), hex(facts, "old"), Number(facts["version"]));

    expect(toHex(data)).toBe(facts["CmdData_plain"]);
  });

  it("computes the CRC of AN12196", () => {
    const { given: facts, expected: told } = named("an12196-t25-changekey-case1");

    expect(toHex(crc32(hex(facts, "CmdData_plain").slice(0, 16)))).toBe(told["CRC32NK"]);
  });
});

describe("keys of one card", () => {
  it("refuses other lengths", async () => {
    await expect(diversify(new Uint8Array(16), new Uint8Array())).rejects.toThrow(RangeError);
    await expect(diversify(new Uint8Array(16), new Uint8Array(32))).rejects.toThrow(RangeError);
    await expect(cardKey(new Uint8Array(16), new Uint8Array(4), 2, 1)).rejects.toThrow(RangeError);
  });

  it.each(of_kind("aes-cmac"))("computes $name", async ({ given, expected }) => {
    const key = hex(given, "key");
    if (expected["K1"] !== undefined) {
      expect((await subkeys(key)).map(toHex)).toEqual([expected["K1"], expected["K2"]]);
    } else {
      expect(toHex(await aesCmac(key, hex(given, "message")))).toBe(expected["cmac"]);
    }
  });

  it("diversifies as in AN10922", async () => {
    const { given, expected } = named("an10922-aes128");

    expect(toHex(await diversify(hex(given, "master_key"), hex(given, "M")))).toBe(expected["diversified_key"]);
  });

  it.each(vectors.taps)("proves: $name", async ({ given, expected }) => {
    const tap = { uid: fromHex(given.uid), counter: given.counter };
    const key = await cardKey(fromHex(given.master), tap.uid, given.key_number, given.version);

    expect(toHex(key)).toBe(expected.file_read_key);
    expect(toHex(await sunMac(key, tap))).toBe(expected.mac);
    expect(await isGenuine(key, tap, fromHex(expected.mac))).toBe(true);
    expect(await isGenuine(key, { ...tap, counter: tap.counter ^ 1 }, fromHex(expected.mac))).toBe(false);
  });
});

describe("mirrors of AN12196", () => {
  it("refuses what decrypts to no UID", async () => {
    await expect(readPiccData(new Uint8Array(16).fill(1), new Uint8Array(16))).rejects.toThrow(RangeError);
    await expect(readPiccData(new Uint8Array(16), new Uint8Array(15))).rejects.toThrow(RangeError);
  });

  it("reads the encrypted UID and counter", async () => {
    const { given, expected } = named("an12196-table2-piccdata");

    const picc = await readPiccData(hex(given, "K_SDMMetaRead"), hex(given, "PICCENCData"));

    expect([toHex(picc.uid), picc.counter]).toEqual([expected["UID"], expected["SDMReadCtr"]]);
  });

  it("computes the MAC over nothing and the encryption key", async () => {
    const nothing = named("an12196-table4-sdmmac");
    const session = named("an12196-table1-sdm-session-keys");

    expect(toHex(await sunMac(hex(nothing.given, "K_SDMFileRead"), { uid: hex(nothing.given, "UID"), counter: 0x3d }))).toBe(
      nothing.expected["SDMMAC"],
    );
    expect(
      toHex(await fileEncryptionKey(hex(session.given, "K_SDMFileRead"), { uid: hex(session.given, "UID"), counter: 1 })),
    ).toBe(session.expected["KSesSDMFileReadENC"]);
  });

  it("reads the encrypted file data and its MAC", async () => {
    const { given, expected } = named("an12196-p18-encfile");
    const key = hex(given, "K_SDMFileRead");
    const picc = await readPiccData(hex(given, "K_SDMMetaRead"), hex(given, "PICCENCData"));

    expect([toHex(picc.uid), picc.counter]).toEqual([expected["UID"], expected["SDMReadCtr"]]);
    expect(fromUtf8(await readFileData(key, picc, hex(given, "SDMENCFileData")))).toBe(expected["file_data_ascii"]);
    expect(toHex(await sunMac(key, picc, utf8(String(given["mac_input_ascii"]))))).toBe(expected["SDMMAC"]);
  });
});

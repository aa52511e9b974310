/** What is drawn is what a reader reads: each version, by the reader that the app itself brings. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import { beforeAll, expect, it } from "vitest";
import { pathOf, qrSymbol, type Symbol } from "../core/qr_symbol";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const SCALE = 4;
const QUIET = 4;

beforeAll(async () => {
  const wasm = fileURLToPath(import.meta.resolve("zxing-wasm/reader/zxing_reader.wasm"));
  await prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(readFileSync(wasm)).buffer }, fireImmediately: true });
});

async function read(symbol: Symbol): Promise<string[]> {
  const width = (symbol.length + 2 * QUIET) * SCALE;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  symbol.forEach((row, y) => {
    row.forEach((dark, x) => {
      for (let i = 0; dark && i < SCALE * SCALE; i++) {
        const at = ((y + QUIET) * SCALE + Math.floor(i / SCALE)) * width + (x + QUIET) * SCALE + (i % SCALE);
        data.fill(0, at * 4, at * 4 + 3);
      }
    });
  });
  const image = { data, width, height: width, colorSpace: "srgb" } as ImageData;
  return (await readBarcodes(image, { formats: ["QRCode"] })).map(({ text }) => text);
}

function textOf(length: number): string {
  return Array.from({ length }, (_, n) => ALPHABET[(n * n + n * 7) % 45]).join("");
}

it("is refused for what it cannot hold", () => {
  expect(() => qrSymbol("kecil")).toThrow(RangeError);
  expect(() => qrSymbol(textOf(700))).toThrow(RangeError);
});

it("is the smallest version that holds the text", () => {
  expect(qrSymbol(textOf(20)).length).toBe(21);
  expect(qrSymbol(textOf(21)).length).toBe(25);
  expect(qrSymbol(textOf(419)).length).toBe(65); // a frame of a transfer has 401
  expect(qrSymbol(textOf(656)).length).toBe(81);
});

it.each(Array.from({ length: 41 }, (_, n) => n * 16 + 1))("is read back with %i characters", async (length) => {
  expect(await read(qrSymbol(textOf(length)))).toEqual([textOf(length)]);
});

it("is drawn as a path of its dark modules", () => {
  const symbol = qrSymbol("BETANG");
  const dark = symbol.flat().filter(Boolean).length;
  const runs = [...pathOf(symbol).matchAll(/h(\d+)v1/g)].reduce((sum, [, n]) => sum + Number(n), 0);
  expect(runs).toBe(dark);
});

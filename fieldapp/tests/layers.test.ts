/** The order of the app's rooms: core knows nobody; store and device know core; sync knows those; screens know all. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MAY: Record<string, readonly string[]> = {
  core: ["core"],
  device: ["core", "device"],
  store: ["core", "store"],
  sync: ["core", "device", "store", "sync"],
  screens: ["core", "device", "store", "sync", "screens"],
};
/** What comes from outside, and who may use it. */
const OUTSIDE: Record<string, readonly string[]> = {
  core: [],
  device: ["barcode-detector/ponyfill", "zxing-wasm/reader/zxing_reader.wasm?url"],
  store: ["dexie"],
  sync: [],
  screens: ["dexie", "svelte", "@lucide/svelte"],
};

function filesOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesOf(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

it.each(Object.keys(MAY))("%s imports only what it may", (room) => {
  const faults: string[] = [];
  for (const file of filesOf(room).filter((name) => /\.(ts|svelte)$/.test(name))) {
    const text = readFileSync(join(ROOT, file), "utf8");
    for (const [, wanted = ""] of text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
      const inside = wanted.startsWith(".");
      const target = inside ? relative(ROOT, join(ROOT, dirname(file), wanted)).split("/")[0] : wanted;
      const allowed = inside
        ? MAY[room]?.includes(target ?? "")
        : OUTSIDE[room]?.some((name) => wanted === name || wanted.startsWith(`${name}/`));
      if (!allowed) faults.push(`${file} imports ${wanted}`);
    }
  }

  expect(faults).toEqual([]);
});

it("asks of no phone what came with Chrome 117", () => {
  const files = Object.keys(MAY).flatMap(filesOf).filter((name) => /\.(ts|svelte)$/.test(name));
  const faults = files.filter((file) => /\b(Map|Object)\.groupBy\(/.test(readFileSync(join(ROOT, file), "utf8")));

  expect(faults).toEqual([]); // core/grouped.ts does it
});

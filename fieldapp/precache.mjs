/** After vite: write the list of files and its digest into the worker, gzip what compresses, and weigh the install. */

import zopfli from "@gfx/zopfli";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const OUT = fileURLToPath(new URL("../betang/web/static/lapangan", import.meta.url));
/** settled.md: the first install stays under this, gzipped, the scanner included. */
const FIRST_INSTALL_MAX = 600_000;
/** Zopfli packs the same gzip a twentieth smaller, and takes its time: what was packed once is kept by its content. */
const PACKED = fileURLToPath(new URL("../node_modules/.cache/betang-packed", import.meta.url));
const ITERATIONS = 15;
const COMPRESSES = /\.(html|js|css|wasm|svg|webmanifest|json)$/;

function walk(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort();
}

async function pack(content) {
  const kept = join(PACKED, `${createHash("sha256").update(content).digest("hex")}-${ITERATIONS}.gz`);
  if (!existsSync(kept)) {
    mkdirSync(PACKED, { recursive: true });
    writeFileSync(kept, await zopfli.gzipAsync(content, { numiterations: ITERATIONS }));
  }
  return readFileSync(kept);
}

const files = walk(OUT).filter((path) => !path.endsWith(".gz"));
const worker = join(OUT, "sw.js");
const listed = files.filter((path) => path !== worker);
const digest = createHash("sha256");
for (const path of listed) digest.update(relative(OUT, path)).update(readFileSync(path));
const names = listed.map((path) => relative(OUT, path).split(sep).join("/")).map((name) => (name === "index.html" ? "" : name));
writeFileSync(
  worker,
  readFileSync(worker, "utf8")
    .replace("__BETANG_VERSION__", digest.digest("hex").slice(0, 12))
    .replace("__BETANG_FILES__", names.join("|")),
);

let total = 0;
for (const path of files) {
  if (!COMPRESSES.test(path)) {
    total += statSync(path).size;
    continue;
  }
  const packed = await pack(readFileSync(path));
  writeFileSync(`${path}.gz`, packed);
  total += packed.length;
}
console.log(`first install: ${(total / 1000).toFixed(1)} kB gz in ${files.length} files`);
if (total > FIRST_INSTALL_MAX) {
  console.error(`first install is over ${FIRST_INSTALL_MAX / 1000} kB`);
  process.exit(1);
}

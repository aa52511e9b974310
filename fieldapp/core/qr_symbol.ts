/**
 * Drawing a QR code (ISO/IEC 18004): alphanumeric mode, error correction M, versions 1 to 16. That is all the transfer
 * from phone to phone needs (docs/protocols/lease.md, section 5), and a library would be larger than the screen. The
 * mask is always the first: what is drawn is compressed, so no mask is better than another.
 */

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
/** For level M, by version: error correction codewords a block, and blocks (table 9). */
const CORRECTION = [0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28];
const BLOCKS = [0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10];
const VERSION_MAX = 16;
/** x^8 + x^4 + x^3 + x^2 + 1 */
const FIELD = 0x11d;
const FORMAT = { polynomial: 0x537, degree: 10, mask: 0x5412 };
const VERSION = { polynomial: 0x1f25, degree: 12 };

/** Rows of dark (true) and light modules, without the quiet zone. */
export type Symbol = readonly (readonly boolean[])[];

/** This will draw `text` in the smallest version that holds it; throws RangeError when none does. */
export function qrSymbol(text: string): Symbol {
  for (let version = 1; version <= VERSION_MAX; version++) {
    const bits = bitsOf(text, version);
    if (bits.length <= dataBytes(version) * 8) return draw(interleave(padded(bits, version), version), version);
  }
  throw new RangeError("qr: too long");
}

/** This will give the dark modules as the path of an SVG, one unit a module. */
export function pathOf(symbol: Symbol): string {
  const runs: string[] = [];
  symbol.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      const from = x;
      while (row[x] === true) x++;
      if (x > from) runs.push(`M${from} ${y}h${x - from}v1h${from - x}z`);
    }
  });
  return runs.join("");
}

function totalBytes(version: number): number {
  const patterns = version > 1 ? Math.floor(version / 7) + 2 : 0;
  const alignment = patterns > 0 ? (25 * patterns - 10) * patterns - 55 : 0;
  return Math.floor(((16 * version + 128) * version + 64 - alignment - (version >= 7 ? 36 : 0)) / 8);
}

function dataBytes(version: number): number {
  return totalBytes(version) - (CORRECTION[version] ?? 0) * (BLOCKS[version] ?? 0);
}

/** Mode, length, and the characters two by two in eleven bits. */
function bitsOf(text: string, version: number): number[] {
  const bits: number[] = [];
  const put = (value: number, width: number): void => {
    for (let bit = width - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
  };
  put(0b0010, 4);
  put(text.length, version < 10 ? 9 : 11);
  for (let i = 0; i < text.length; i += 2) {
    const [first, second] = [...text.slice(i, i + 2)].map((character) => ALPHABET.indexOf(character));
    if (first === undefined || first < 0 || (second ?? 0) < 0) throw new RangeError("qr: another character");
    if (second === undefined) put(first, 6);
    else put(first * 45 + second, 11);
  }
  return bits;
}

function padded(bits: number[], version: number): number[] {
  const room = dataBytes(version) * 8;
  const whole = [...bits, ...Array<number>(Math.min(4, room - bits.length)).fill(0)];
  while (whole.length % 8 !== 0) whole.push(0);
  const bytes: number[] = [];
  for (let i = 0; i < whole.length; i += 8) bytes.push(whole.slice(i, i + 8).reduce((byte, bit) => byte * 2 + bit, 0));
  for (let filler = 0xec; bytes.length < room / 8; filler ^= 0xec ^ 0x11) bytes.push(filler);
  return bytes;
}

/** Data and error correction of all blocks, byte by byte in turn. */
function interleave(data: number[], version: number): number[] {
  const [blocks, correction] = [BLOCKS[version] ?? 1, CORRECTION[version] ?? 0];
  const short = Math.floor(data.length / blocks);
  const long_from = blocks - (data.length % blocks);
  const parts: number[][] = [];
  for (let block = 0, at = 0; block < blocks; block++) {
    const length = short + (block >= long_from ? 1 : 0);
    parts.push(data.slice(at, at + length));
    at += length;
  }
  const checks = parts.map((part) => remainder(part, generator(correction)));
  const inTurn = (columns: number[][], length: number): number[] =>
    Array.from({ length }, (_, n) => columns.map((column) => column[n])).flat().filter((byte) => byte !== undefined);
  return [...inTurn(parts, short + 1), ...inTurn(checks, correction)];
}

function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ (product & 0x80 ? FIELD : 0);
    if ((b >> bit) & 1) product ^= a;
  }
  return product;
}

/** The product of (x - 2^n) for the first `degree` n, without its leading 1. */
function generator(degree: number): number[] {
  const factors = Array<number>(degree).fill(0);
  factors[degree - 1] = 1;
  let root = 1;
  for (let n = 0; n < degree; n++) {
    for (let i = 0; i < degree; i++) factors[i] = multiply(factors[i] ?? 0, root) ^ (factors[i + 1] ?? 0);
    root = multiply(root, 2);
  }
  return factors;
}

function remainder(data: number[], factors: number[]): number[] {
  const rest = Array<number>(factors.length).fill(0);
  for (const byte of data) {
    const lead = byte ^ (rest.shift() ?? 0);
    rest.push(0);
    factors.forEach((factor, i) => (rest[i] = (rest[i] ?? 0) ^ multiply(factor, lead)));
  }
  return rest;
}

/** A value and its BCH remainder. */
function checked(value: number, { polynomial, degree }: { polynomial: number; degree: number }): number {
  let rest = value << degree;
  for (let bit = 31 - Math.clz32(rest); bit >= degree; bit--) if ((rest >> bit) & 1) rest ^= polynomial << (bit - degree);
  return (value << degree) | rest;
}

function draw(bytes: number[], version: number): Symbol {
  const size = 4 * version + 17;
  const cells: (boolean | undefined)[][] = Array.from({ length: size }, () => Array<boolean | undefined>(size).fill(undefined));
  const set = (x: number, y: number, dark: boolean): void => {
    const row = cells[y];
    if (row !== undefined && x >= 0 && x < size) row[x] = dark;
  };
  drawPatterns(set, size, version);
  let bit = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5; // the timing column
    const up = ((right + 1) & 2) === 0;
    for (let step = 0; step < size; step++) {
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (cells[y]?.[x] !== undefined) continue;
        const one = (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1;
        bit++;
        set(x, y, one !== ((x + y) % 2 === 0));
      }
    }
  }
  return cells.map((row) => row.map((cell) => cell === true));
}

function drawPatterns(set: (x: number, y: number, dark: boolean) => void, size: number, version: number): void {
  for (let i = 0; i < size; i++) {
    set(6, i, i % 2 === 0);
    set(i, 6, i % 2 === 0);
  }
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]] as const) square(set, x, y, 4, (ring) => ring !== 2 && ring !== 4);
  const places = alignmentPlaces(version);
  const last = places.length - 1;
  places.forEach((x, i) => {
    places.forEach((y, j) => {
      const corner = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0);
      if (!corner) square(set, x, y, 2, (ring) => ring !== 1);
    });
  });
  drawFormat(set, size);
  if (version < 7) return;
  const told = checked(version, VERSION);
  for (let i = 0; i < 18; i++) {
    const [across, down, dark] = [size - 11 + (i % 3), Math.floor(i / 3), ((told >> i) & 1) === 1];
    set(across, down, dark);
    set(down, across, dark);
  }
}

function square(
  set: (x: number, y: number, dark: boolean) => void,
  x: number,
  y: number,
  reach: number,
  dark: (ring: number) => boolean,
): void {
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      if (x + dx >= 0 && y + dy >= 0) set(x + dx, y + dy, dark(Math.max(Math.abs(dx), Math.abs(dy))));
    }
  }
}

function alignmentPlaces(version: number): number[] {
  if (version === 1) return [];
  const [count, last] = [Math.floor(version / 7) + 2, 4 * version + 10];
  const step = Math.ceil((last - 6) / (count - 1) / 2) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, n) => last - step * (count - 2 - n))];
}

/** Level M and mask 0 are five zero bits. */
function drawFormat(set: (x: number, y: number, dark: boolean) => void, size: number): void {
  const told = checked(0, FORMAT) ^ FORMAT.mask;
  const dark = (i: number): boolean => ((told >> i) & 1) === 1;
  for (let i = 0; i < 15; i++) {
    const near = i < 6 ? i : i < 8 ? i + 1 : i === 8 ? 7 : 14 - i;
    if (i < 8) set(8, near, dark(i));
    else set(near, 8, dark(i));
    if (i < 8) set(size - 1 - i, 8, dark(i));
    else set(8, size - 15 + i, dark(i));
  }
  set(8, size - 8, true);
}

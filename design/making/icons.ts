/** The icons of every page, in one sprite: Lucide's drawings, installed, never fetched. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const NAMES = [
  "badge-check", "ban", "banknote", "bell", "calendar-range", "check", "chevron-down", "chevron-left",
  "chevron-right", "circle-alert", "circle-check", "circle-help", "circle-x", "clipboard-list", "clock", "contrast",
  "credit-card", "download", "eye", "file-check", "file-input", "hand", "history", "hourglass", "house",
  "info", "key-round", "layout-grid", "lock", "log-out", "map-pin", "menu", "monitor", "moon", "nfc",
  "package", "plus", "printer", "qr-code", "radio", "refresh-cw", "scale", "scan-line", "search",
  "shield", "shield-alert", "smartphone", "table-2", "triangle-alert", "upload", "user-cog", "users",
  "wifi-off", "x",
] as const;

const folder = join(dirname(createRequire(import.meta.url).resolve("lucide-static/package.json")), "icons");

function drawing(name: string): string {
  const text = readFileSync(join(folder, `${name}.svg`), "utf8");
  const body = text.slice(text.indexOf(">", text.indexOf("<svg")) + 1, text.lastIndexOf("</svg>"));
  return body.replace(/\s*\n\s*/g, "");
}

/** This will be the text of `icons.svg`: one symbol a name, coloured by the text around it. */
export function sprite(): string {
  const symbols = NAMES.map(
    (name) =>
      `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ` +
      `stroke-linecap="round" stroke-linejoin="round">${drawing(name)}</symbol>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

/** This will be one icon as a file of its own, in one fixed colour (for backgrounds of controls). */
export function single(name: string, colour: string, width = 2): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" fill="none" ` +
    `stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round">${drawing(name)}</svg>\n`
  );
}

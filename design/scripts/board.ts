/** The board: keeps the longhouse, the table, the sums and the live list true, without a reload. */
import { connect } from "./connect.ts";
import { drawn, FLOOR, told, total, village, type Figures, type Village } from "./longhouse.ts";
import type { Said, Tally } from "./keeper.ts";
import { age, hour, number, share } from "./words.ts";

interface LiveEntry {
  at: string;
  kind: string;
  text: string;
  place?: string | null;
  severity?: string;
  alert?: string;
  area?: number | null;
}

const LISTED = 14;
/** More changes than this in one frame are a stream, not news: flashing them all would only cost. */
const FLASH_AT_MOST = 12;
const root = document.querySelector<HTMLElement>("#board");
const villages = new Map<number, Village>();
const names = new Map<number, string>();
const changed = new Set<number>();
const waitingEntries: LiveEntry[] = [];
let asked = false;
let lastAt = "";

function cellOf(code: number): SVGGElement | null {
  return document.querySelector<SVGGElement>(`#v${code}`);
}

function set(cell: SVGGElement, kind: string, height: number): void {
  const rect = cell.querySelector(`.${kind}`);
  const text = height.toFixed(1);
  if (!rect || rect.getAttribute("height") === text) return;
  rect.setAttribute("height", text);
  const top = Number(cell.dataset["y"] ?? "0");
  rect.setAttribute("y", (top + FLOOR - height - (kind === "told" ? Number(cell.dataset["served"] ?? "0") : 0)).toFixed(1));
}

function draw(code: number, flash: boolean): void {
  const cell = cellOf(code);
  const seen = villages.get(code);
  if (!cell || !seen) return;
  const shape = drawn(seen);
  cell.dataset["served"] = shape.second.toFixed(1);
  cell.dataset["count"] = String(seen.served ?? 0);
  set(cell, "first", shape.first);
  set(cell, "second", shape.second);
  set(cell, "told", shape.told);
  cell.classList.toggle("unknown", shape.state === "unknown");
  cell.classList.toggle("nothing", shape.state === "nothing");
  cell.classList.toggle("old", shape.old);
  cell.classList.toggle("alarm", shape.alarm);
  if (flash) {
    cell.classList.add("fresh-now");
    setTimeout(() => cell.classList.remove("fresh-now"), 400);
  }
}

interface Shown {
  figures: { place: HTMLElement; part: keyof Figures; whole: keyof Figures | undefined }[];
  bars: { rect: SVGRectElement; part: keyof Figures; whole: keyof Figures | undefined }[];
}

/** Where the page shows figures of an area (`data-sum="6203"`, `data-figure="served/due"`), found once:
 * looking through 12,000 elements at each tick would cost more than drawing them. */
const shownAreas = new Map<string, Shown>();

function findShown(): void {
  const split = (text = ""): [keyof Figures, keyof Figures | undefined] =>
    text.split("/") as [keyof Figures, keyof Figures | undefined];
  for (const holder of document.querySelectorAll<HTMLElement>("[data-sum]")) {
    const area = holder.dataset["sum"] ?? "";
    const shown = shownAreas.get(area) ?? { figures: [], bars: [] };
    shownAreas.set(area, shown);
    for (const place of holder.querySelectorAll<HTMLElement>("[data-figure]")) {
      const [part, whole] = split(place.dataset["figure"]);
      shown.figures.push({ place, part, whole });
    }
    for (const rect of holder.querySelectorAll<SVGRectElement>("[data-bar]")) {
      const [part, whole] = split(rect.dataset["bar"]);
      shown.bars.push({ rect, part, whole });
    }
  }
}

function write(area: string, sums: Figures): void {
  const shown = shownAreas.get(area);
  for (const { place, part, whole } of shown?.figures ?? []) {
    const text = whole ? share(sums[part], sums[whole]) : number(sums[part]);
    if (place.textContent !== text) place.textContent = text;
  }
  for (const { rect, part, whole } of shown?.bars ?? []) {
    const of = whole ? sums[whole] : null;
    rect.setAttribute("width", (of ? ((sums[part] ?? 0) / of) * 100 : 0).toFixed(2));
  }
}

function areasAbove(code: number): string[] {
  const text = String(code);
  return [text, text.slice(0, 6), text.slice(0, 4)].filter((area) => shownAreas.has(area));
}

function addUp(codes: Iterable<number>): void {
  const touched = new Set<string>();
  for (const code of codes) for (const area of areasAbove(code)) touched.add(area);
  for (const area of touched) {
    const from = Number(area.padEnd(10, "0"));
    const to = from + 10 ** (10 - area.length);
    write(area, total([...villages.values()].filter((seen) => seen.code >= from && seen.code < to)));
  }
  write("all", total(villages.values()));
}

function freshness(): void {
  const place = document.querySelector<HTMLElement>("[data-fresh]");
  if (place && lastAt) place.textContent = hour(lastAt);
}

function frame(): void {
  asked = false;
  const codes = [...changed];
  changed.clear();
  for (const code of codes) draw(code, codes.length <= FLASH_AT_MOST);
  if (codes.length > 0) addUp(codes);
  freshness();
  list();
}

function ask(): void {
  if (asked) return;
  asked = true;
  requestAnimationFrame(frame);
}

function hear(tally: Tally): void {
  lastAt = tally.at;
  for (const row of tally.rows) {
    if (!villages.has(row[0])) continue; // the stream tells all that one may see, the page a part
    villages.set(row[0], village(row));
    changed.add(row[0]);
  }
  ask();
}

function line(entry: LiveEntry): HTMLLIElement {
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.dateTime = entry.at;
  time.textContent = hour(entry.at);
  const words = document.createElement("span");
  words.textContent = entry.text;
  item.append(time, words);
  return item;
}

function list(): void {
  if (waitingEntries.length === 0) return;
  const live = document.querySelector<HTMLElement>("#live-list");
  const entries = waitingEntries.splice(0).slice(-LISTED);
  if (!live) return;
  document.querySelector("#live-empty")?.remove();
  for (const entry of entries) live.prepend(line(entry));
  while (live.children.length > LISTED) live.lastElementChild?.remove();
}

function alarm(entry: LiveEntry): void {
  const place = document.querySelector<HTMLElement>("#alert-list");
  const sample = document.querySelector<HTMLTemplateElement>("#alert-sample");
  if (place && sample) {
    document.querySelector("#alert-empty")?.remove();
    const item = sample.content.firstElementChild?.cloneNode(true) as HTMLElement;
    item.classList.add(entry.severity ?? "warning");
    const words = item.querySelector("a, b");
    if (words) {
      words.textContent = entry.place ? `${entry.text}: ${entry.place}` : entry.text;
      if (entry.alert && words instanceof HTMLAnchorElement) words.href = `/peringatan/${entry.alert}/`;
    }
    place.prepend(item);
    while (place.children.length > 6) place.lastElementChild?.remove();
  }
  for (const count of document.querySelectorAll<HTMLElement>("[data-alerts]")) {
    count.textContent = number(Number((count.textContent ?? "0").replaceAll(".", "").replace("–", "0")) + 1);
  }
}

/** Whether something belongs on this page: the board shows all of it, a regency's page its own. */
function here(entry: LiveEntry): boolean {
  const own = root?.dataset["area"] ?? "";
  return own === "" || String(entry.area ?? "").startsWith(own);
}

function said(message: Said): void {
  if (message.name === "tally") hear(message.data as Tally);
  else if (message.name === "entry") {
    if (!here(message.data as LiveEntry)) return;
    waitingEntries.push(message.data as LiveEntry);
    if (waitingEntries.length > 4 * LISTED) waitingEntries.splice(0, waitingEntries.length - LISTED);
    ask();
  } else if (message.name === "alert") {
    if (here(message.data as LiveEntry)) alarm(message.data as LiveEntry);
  }
  else connection(String(message.data));
}

const CONNECTION: Record<string, string> = {
  live: "Tersambung langsung",
  lost: "Sambungan terputus, mencoba lagi",
  ended: "Sesi berakhir; muat ulang halaman ini",
};

function connection(state: string): void {
  const place = document.querySelector<HTMLElement>("#live-state");
  if (!place) return;
  place.dataset["state"] = state === "ended" ? "lost" : state;
  place.textContent = CONNECTION[state] ?? state;
}

function tips(): void {
  const tip = document.querySelector<HTMLElement>("#tip");
  const house = document.querySelector<HTMLElement>("#house");
  if (!tip || !house) return;
  const codeAt = (event: Event): number => {
    const cell = (event.target as Element).closest<SVGGElement>(".cell");
    return cell ? Number(cell.id.slice(1)) : 0;
  };
  house.addEventListener("pointermove", (event) => {
    const code = codeAt(event);
    const seen = villages.get(code);
    tip.hidden = !seen;
    if (!seen) return;
    const [first = "", ...rest] = told(names.get(code) ?? String(code), seen);
    const title = document.createElement("strong");
    title.textContent = first;
    tip.replaceChildren(title, ...rest.flatMap((text) => [document.createTextNode(text), document.createElement("br")]));
    const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
    tip.style.setProperty("transform", `translate(${Math.max(8, left)}px, ${Math.min(event.clientY + 18, innerHeight - tip.offsetHeight - 8)}px)`);
  });
  house.addEventListener("pointerleave", () => {
    tip.hidden = true;
  });
  house.addEventListener("click", (event) => {
    const code = codeAt(event);
    if (code) location.assign(`/wilayah/${code}/`);
  });
}

function begin(board: HTMLElement): void {
  const given = JSON.parse(document.querySelector("#villages")?.textContent ?? "[]") as {
    rows: Tally["rows"];
    names: [number, string][];
  };
  for (const row of given.rows) villages.set(row[0], village(row));
  for (const [code, name] of given.names) names.set(code, name);
  findShown();
  tips();
  connect({
    address: board.dataset["stream"] ?? "",
    account: board.dataset["account"] ?? "",
    since: Number(board.dataset["position"] ?? "0"),
    workerAddress: board.dataset["worker"] ?? "",
    said,
  });
  setInterval(() => {
    for (const seen of villages.values()) if (seen.heardAt) draw(seen.code, false);
    for (const place of document.querySelectorAll<HTMLElement>("[data-age]")) {
      place.textContent = age(place.dataset["age"] ?? "");
    }
  }, 60_000);
}

if (root) begin(root);

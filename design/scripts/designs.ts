/** The editor of a card's design: what is typed or dragged is drawn by the server and put in its place. */

const GRID_WIDTH = 1011;
/** How long a hand must rest before the card is drawn again. */
const REST_MS = 120;
const STEP = 1;
const LARGE_STEP = 10;
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

interface Finding {
  part: string;
  told: string;
}

interface Preview {
  front: string;
  back: string;
  boxes: Record<string, [number, number, number, number]>;
  findings: Finding[];
}

class Editor {
  private waiting = 0;
  private asked = 0;
  private shown = 0;

  constructor(private readonly form: HTMLFormElement) {
    for (const stage of form.querySelectorAll<HTMLElement>(".card-stage")) stage.classList.add("live");
    for (const handle of this.handles()) this.listen(handle);
    form.addEventListener("input", () => this.soon());
    form.addEventListener("focusin", (event) => this.point(event.target as Element));
    document.addEventListener("click", (event) => this.follow(event));
    if (form.querySelector("[aria-invalid]") === null) void this.draw();
  }

  private handles(): NodeListOf<SVGGElement> {
    return this.form.querySelectorAll<SVGGElement>(".handles g");
  }

  private field(part: string, name: string): HTMLInputElement | null {
    return this.form.elements.namedItem(`${part}.${name}`) as HTMLInputElement | null;
  }

  private details(part: string): HTMLDetailsElement | null {
    return document.getElementById(`bagian-${part}`) as HTMLDetailsElement | null;
  }

  private listen(handle: SVGGElement): void {
    const part = handle.dataset["part"] ?? "";
    handle.addEventListener("keydown", (event) => {
      const way = ARROWS[event.key];
      if (way) {
        event.preventDefault();
        const step = event.shiftKey ? LARGE_STEP : STEP;
        this.move(handle, way[0] * step, way[1] * step);
      } else if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        this.open(part);
      }
    });
    handle.addEventListener("dblclick", () => this.open(part));
    handle.addEventListener("pointerdown", (event) => this.drag(handle, event));
  }

  private drag(handle: SVGGElement, down: PointerEvent): void {
    const frame = handle.ownerSVGElement;
    if (!frame) return;
    const scale = GRID_WIDTH / frame.getBoundingClientRect().width;
    let [x, y] = [down.clientX, down.clientY];
    handle.setPointerCapture(down.pointerId);
    const moved = (event: PointerEvent): void => {
      const [dx, dy] = [Math.round((event.clientX - x) * scale), Math.round((event.clientY - y) * scale)];
      if (!dx && !dy) return;
      x += dx / scale;
      y += dy / scale;
      this.move(handle, dx, dy);
    };
    handle.addEventListener("pointermove", moved);
    const end = (): void => handle.removeEventListener("pointermove", moved);
    handle.addEventListener("pointerup", end, { once: true });
    handle.addEventListener("pointercancel", end, { once: true });
  }

  private move(handle: SVGGElement, dx: number, dy: number): void {
    const part = handle.dataset["part"] ?? "";
    for (const [name, by] of [["x", dx], ["y", dy]] as const) {
      const field = this.field(part, name);
      if (!field || !by) continue;
      field.value = String(Number(field.value) + by);
      handle.firstElementChild?.setAttribute(name, field.value);
    }
    this.soon();
  }

  private open(part: string): void {
    const details = this.details(part);
    if (!details) return;
    details.open = true;
    details.scrollIntoView({ block: "center" });
    details.querySelector<HTMLElement>("input, select")?.focus();
  }

  /** The part whose field or handle has the focus is outlined on the card. */
  private point(target: Element): void {
    const part = target instanceof SVGGElement ? target.dataset["part"] : target.closest<HTMLElement>("details.part")?.dataset["for"];
    for (const handle of this.handles()) handle.classList.toggle("chosen", handle.dataset["part"] === part);
  }

  /** A finding leads to its part, which opens. */
  private follow(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLAnchorElement>("#findings a");
    if (!link) return;
    event.preventDefault();
    this.open(decodeURIComponent(link.hash).replace("#bagian-", ""));
  }

  /** Until the last thing typed is drawn, the form is busy: what it shows is not yet what stands in it. */
  private soon(): void {
    this.form.setAttribute("aria-busy", "true");
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => void this.draw(), REST_MS);
  }

  private async draw(): Promise<void> {
    this.waiting = 0;
    const mine = ++this.asked;
    const sent = new FormData(this.form);
    for (const [name, value] of [...sent]) if (value instanceof File) sent.delete(name);
    sent.delete("act");
    try {
      const answer = await fetch(this.form.dataset["preview"] ?? "", {
        method: "POST",
        body: sent,
        headers: { Accept: "application/json" },
      });
      if (answer.redirected || answer.status === 403) return location.reload();
      if (mine < this.shown) return; // a later answer was quicker
      this.shown = mine;
      if (answer.status === 422) return this.tell([{ part: "", told: await refusal(answer) }]);
      if (answer.ok) await this.show((await answer.json()) as Preview);
    } catch {
      this.tell([{ part: "", told: "Pratinjau tidak dapat digambar: sambungan ke server terputus." }]);
    } finally {
      if (mine === this.asked && this.waiting === 0) this.form.removeAttribute("aria-busy");
    }
  }

  private async show(preview: Preview): Promise<void> {
    const drawn: Promise<unknown>[] = [];
    for (const side of ["front", "back"] as const) {
      const picture = this.form.querySelector<HTMLImageElement>(`[data-side=${side}] img`);
      if (!picture) continue;
      const before = picture.src;
      const bytes = Uint8Array.from(atob(preview[side]), (character) => character.charCodeAt(0));
      picture.src = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
      picture.addEventListener("load", () => URL.revokeObjectURL(before), { once: true });
      drawn.push(picture.decode().catch(() => undefined)); // a later one may have taken its place
    }
    const found = new Set(preview.findings.map((each) => each.part));
    for (const handle of this.handles()) {
      const part = handle.dataset["part"] ?? "";
      const box = preview.boxes[part];
      const about = preview.findings.filter((each) => each.part === part);
      this.details(part)?.querySelector(".part-found")?.replaceChildren(...about.map(plain));
      handle.classList.toggle("found", found.has(part));
      if (!box) continue;
      const [left, top, right, bottom] = box;
      for (const [name, value] of [["x", left], ["y", top], ["width", right - left], ["height", bottom - top]] as const)
        handle.firstElementChild?.setAttribute(name, String(value));
    }
    this.tell(preview.findings);
    await Promise.all(drawn);
    this.form.dataset["drawn"] = String(this.shown);
  }

  private tell(findings: Finding[]): void {
    const place = document.getElementById("findings");
    if (!place) return;
    const notice = element("div", findings.length ? "notice amber" : "notice");
    if (!findings.length) {
      notice.append(paragraph("Tidak ada yang salah pada tata letak, tulisan, dan kontras. Kode QR dibaca ulang saat diusulkan."));
    } else {
      const list = element("ul");
      for (const each of findings) list.append(item(each));
      const words = element("div", "grow");
      const head = element("strong");
      head.textContent = `${findings.length} hal harus diperbaiki sebelum diusulkan`;
      words.append(head, list);
      notice.append(words);
    }
    place.replaceChildren(notice);
  }
}

function element(name: string, className = ""): HTMLElement {
  const made = document.createElement(name);
  if (className) made.className = className;
  return made;
}

function paragraph(text: string): HTMLElement {
  const made = element("p");
  made.textContent = text;
  return made;
}

function item(finding: Finding): HTMLElement {
  const made = element("li");
  if (finding.part && !finding.part.endsWith(".")) {
    const link = document.createElement("a");
    link.href = `#bagian-${finding.part}`;
    link.textContent = finding.told;
    made.append(link);
  } else {
    made.textContent = finding.told;
  }
  return made;
}

function plain(finding: Finding): HTMLElement {
  const made = element("li");
  made.textContent = finding.told;
  return made;
}

async function refusal(answer: Response): Promise<string> {
  const told = (await answer.json().catch(() => undefined)) as { sentence?: string; do?: string } | undefined;
  return `${told?.sentence ?? "Ada isian yang belum benar."} ${told?.do ?? ""}`;
}

const form = document.querySelector<HTMLFormElement>("#design-editor");
if (form) new Editor(form);

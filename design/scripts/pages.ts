/** Small habits of every page: the menu, light or dark, asking twice, keeping what was typed, long work. */

const THEME = "betang-theme";

function theme(): void {
  const kept = localStorage.getItem(THEME);
  if (kept === "light" || kept === "dark") document.documentElement.dataset["theme"] = kept;
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.addEventListener("click", () => {
      const dark =
        document.documentElement.dataset["theme"] === "dark" ||
        (!document.documentElement.dataset["theme"] && matchMedia("(prefers-color-scheme: dark)").matches);
      const next = dark ? "light" : "dark";
      document.documentElement.dataset["theme"] = next;
      localStorage.setItem(THEME, next);
    });
  }
}

function menu(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-opens]")) {
    button.addEventListener("click", () => {
      const opened = document.getElementById(button.dataset["opens"] ?? "")?.classList.toggle("open") ?? false;
      button.setAttribute("aria-expanded", String(opened));
    });
  }
}

/** A form that changes much says so before it goes; without script the server asks instead. */
function asking(within: ParentNode): void {
  for (const form of within.querySelectorAll<HTMLFormElement>("form[data-ask]")) {
    form.addEventListener("submit", (event) => {
      if (!confirm(form.dataset["ask"] ?? "")) event.preventDefault();
    });
  }
}

/** A form is sent once, however often the button is pressed. */
function once(within: ParentNode): void {
  for (const form of within.querySelectorAll<HTMLFormElement>("form[method=post]")) {
    form.addEventListener("submit", () => {
      const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
      if (!button) return;
      setTimeout(() => {
        button.setAttribute("aria-busy", "true");
        button.disabled = true;
      }, 0);
      setTimeout(() => {
        button.removeAttribute("aria-busy");
        button.disabled = false;
      }, 15_000);
    });
  }
}

function filters(within: ParentNode): void {
  for (const select of within.querySelectorAll<HTMLSelectElement>("form.filter select")) {
    select.addEventListener("change", () => select.form?.requestSubmit());
  }
  for (const button of within.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
}

/** How often a page asks how far its long work is. */
const LOOK_EVERY_MS = 1000;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function read(address: string): Promise<Document | undefined> {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    // Signed out, or no longer allowed: the page itself says so.
    if (answer.redirected || answer.status === 401 || answer.status === 403) location.reload();
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : undefined;
  } catch {
    return undefined; // no line to the site: the figures stay, and say that they are old
  }
}

/** Long work tells how far it is, in its place; when it ends, the page says what came of it. */
async function watch(shown: HTMLElement): Promise<void> {
  for (;;) {
    await pause(LOOK_EVERY_MS);
    if (!shown.isConnected) return; // the page was put anew, and is watched from there
    if (document.hidden) continue;
    const answer = await read(shown.dataset["errand"] ?? "");
    const next = answer?.querySelector<HTMLElement>("[data-errand-part]");
    const lost = shown.querySelector<HTMLElement>("[data-errand-lost]");
    if (lost) lost.hidden = Boolean(next);
    if (!next) continue;
    for (const moved of answer?.querySelectorAll("[data-with-errand]") ?? [])
      document.getElementById(moved.id)?.replaceWith(moved);
    shown.replaceWith(next);
    shown = next;
    if (shown.dataset["errand"] === undefined) break;
  }
  const work = (await read(location.href))?.getElementById("work");
  if (!work) return location.reload();
  document.getElementById("work")?.replaceWith(work);
  habits(work);
}

function errands(within: ParentNode): void {
  for (const shown of within.querySelectorAll<HTMLElement>("[data-errand]")) void watch(shown);
}

function habits(within: ParentNode): void {
  asking(within);
  once(within);
  filters(within);
  errands(within);
}

theme();
menu();
habits(document);

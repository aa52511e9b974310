/** Small habits of every page: the menu, light or dark, asking twice, keeping what was typed. */

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
function asking(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-ask]")) {
    form.addEventListener("submit", (event) => {
      if (!confirm(form.dataset["ask"] ?? "")) event.preventDefault();
    });
  }
}

/** A form is sent once, however often the button is pressed. */
function once(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[method=post]")) {
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

function filters(): void {
  for (const select of document.querySelectorAll<HTMLSelectElement>("form.filter select")) {
    select.addEventListener("change", () => select.form?.requestSubmit());
  }
  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
}

theme();
menu();
asking();
once();
filters();

"""What is wrong with a screen: by axe (WCAG A and AA, and AAA for contrast), and by its room.

Its room is judged with text of twice the size on a phone 360 points wide: what leaves the screen,
what is cut, and what no thumb reaches because something lies over it.
"""

from pathlib import Path
from typing import cast

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
#: Where the bar of the thumb lies over a list, axe takes a line of it for small: see `SMALL`.
RULES = """{
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  rules: { "color-contrast-enhanced": { enabled: true }, region: { enabled: false },
    "target-size": { enabled: false } },
}"""
#: Whatever else a rule looks at is the same in every colour.
COLOURS = '{ runOnly: ["color-contrast", "color-contrast-enhanced"] }'

#: What is touched is as large as a thumb needs, at least (WCAG 2.5.8).
SMALL = """
() => [...document.querySelectorAll("button, input, select, textarea, summary, a[href]")]
  .map((one) => one.closest("label") ?? one)
  .filter((one) => one.checkVisibility() && !one.classList.contains("visually-hidden"))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([one]) => `is small: ${one.outerHTML.slice(0, 80)}`)
"""

#: Two frames of the screen: what was changed is drawn.
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"

CROWDED = """
() => {
  const found = [];
  const root = document.querySelector("dialog[open]") ?? document.body; // what lies behind rests
  const width = document.documentElement.clientWidth;
  const wide = document.documentElement.scrollWidth;
  const short = (text) => text.trim().slice(0, 60);
  const nameOf = (one) => short(one.getAttribute("aria-label") || one.innerText || one.id);
  const away = ".visually-hidden, [hidden], details:not([open]) > :not(summary)";
  const leaves = (box) => box.right > width + 1 || box.left < -1;
  if (wide > width) found.push(`the page is ${wide} wide`);

  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const holder = node.parentElement;
    if (!node.data.trim() || holder.closest(`${away}, script, style, svg, select`)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.width === 0) continue;
    if (leaves(box)) found.push(`leaves the screen: ${short(node.data)}`);
    for (let around = holder; around !== document.body; around = around.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(around);
      const edge = around.getBoundingClientRect();
      const across = box.right > edge.right + 1 || box.left < edge.left - 1;
      const scrolls = overflowY === "auto" || overflowY === "scroll";
      const down = box.bottom > edge.bottom + 1 && !scrolls;
      if ((overflowX !== "visible" && across) || (overflowY !== "visible" && down)) {
        found.push(`is cut: ${short(node.data)}`);
      }
    }
  }

  const touched = "button, input, select, textarea, summary, a[href]";
  for (const one of root.querySelectorAll(touched)) {
    if (one.closest(away) || one.disabled) continue;
    one.scrollIntoView({ block: "center", behavior: "instant" });
    const box = one.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) continue;
    if (leaves(box)) found.push(`leaves the screen: ${nameOf(one)}`);
    const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height / 2, 24)];
    const top = document.elementFromPoint(x, y);
    const reached = top && (one.contains(top) || top.closest("label")?.contains(one));
    if (!reached) found.push(`is out of reach: ${nameOf(one)}`);
  }
  scrollTo({ top: 0, behavior: "instant" });
  return found;
}
"""


def faults(page: Page, rules: str = RULES) -> list[str]:
    """Return what axe finds on the screen as it is."""
    page.evaluate(DRAWN)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(f"axe.run(document, {rules}).then(result => result.violations)")
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


def faults_in_every_light(page: Page) -> list[str]:
    """Return what is wrong in light, in the dark, in the sun, and with text of twice the size."""
    found = faults(page) + page.evaluate(SMALL)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {one}" for one in faults(page, COLOURS)]
    page.emulate_media(color_scheme="light")
    if not page.evaluate("'sun' in document.documentElement.dataset"):
        page.evaluate("document.documentElement.dataset.sun = ''")
        found += [f"sun: {one}" for one in faults(page, COLOURS)]
        page.evaluate("delete document.documentElement.dataset.sun")
    return found + [f"large: {one}" for one in crowded(page)]


def crowded(page: Page) -> list[str]:
    """Return what has no room with text of twice the size."""
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.evaluate(DRAWN)
    found = page.evaluate(CROWDED)
    page.evaluate("document.documentElement.style.fontSize = ''")
    return cast("list[str]", found)

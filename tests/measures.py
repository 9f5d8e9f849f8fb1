"""What a page weighs, how fast and how still it comes, and whether everybody can use it: measured in the browser.

Everything is put into the page from outside, through the browser's own door, so that the policy under which Guanxi
serves its pages stays as strict as it is.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from guanxi.pages import build

AXE = build.PAGES.parents[2] / "node_modules" / "axe-core" / "axe.min.js"
EVERYWHERE = 1_000_000
WIDE, NARROW = 720, 320  # a desk at 200 %, and the narrowest phone
# Said as soon as a page begins: what moves although nobody touched it, when the largest part stood, what was refused.
WATCH = """
globalThis.gx = { shifts: [], painted: 0, refused: [], acts: [] };
const heard = (type, each) => new PerformanceObserver((list) => list.getEntries().forEach(each))
  .observe({ type, buffered: true, ...(type === 'event' && { durationThreshold: 16 }) });
const named = ({ node }) => (node?.cloneNode().outerHTML ?? `text ${node?.nodeValue}`).slice(0, 120);
heard('layout-shift', (shift) => {
  if (!shift.hadRecentInput) gx.shifts.push([shift.value, shift.sources.map(named).join(' ')]);
});
heard('largest-contentful-paint', (paint) => { gx.painted = paint.startTime; });
heard('event', (act) => { if (act.interactionId) gx.acts.push([act.name, act.duration]); });
addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
  gx.refused.push([violatedDirective, blockedURI, sample].join(' '));
});
"""
PAINTED = """async () => {
  for (let turn = 0; turn < 100 && !gx.painted; turn += 1) await new Promise((then) => setTimeout(then, 20));
}"""
SCROLL = """async () => {
  for (let y = 0; y < document.body.scrollHeight; y += 400) {
    scrollTo(0, y);
    await new Promise((then) => setTimeout(then, 60));
  }
  scrollTo(0, 0);
}"""
# Until every panel above a line has come and every chart there is drawn; the policy forbids Playwright's own waiting.
LOADED = """async (line) => {
  const awaited = '[data-gx-panel][aria-busy=true], .htmx-request, [data-gx-chart]:not([data-gx-drawn])';
  const above = (each) => each.checkVisibility() && each.getBoundingClientRect().top < (line ?? innerHeight);
  for (const end = performance.now() + 20000; performance.now() < end;) {
    await new Promise((then) => setTimeout(then, 40));
    if (document.readyState === 'complete' && ![...document.querySelectorAll(awaited)].some(above)) return;
  }
  throw new Error(`not loaded: ${document.querySelector(awaited)?.cloneNode().outerHTML}`);
}"""
# Rows repeat: ten tell what fifty would. Where all is opened at once, what is open lies over what is to be touched.
FAULTS = """async (opened) => {
  for (const row of document.querySelectorAll('tbody tr:nth-child(n + 11)')) row.remove();
  for (const each of opened ? document.querySelectorAll('main details, .gx-bar details') : []) each.open = true;
  const { violations } = await axe.run(document, {
    resultTypes: ['violations'], rules: { 'target-size': { enabled: !opened } },
  });
  return violations.flatMap((each) => each.nodes.map((node) => [
    each.id, node.target.join(' '), node.html.slice(0, 160), node.any.map((any) => any.message).join('; '),
  ].join(' | ')));
}"""
# A tag and a name in a row are larger than their boxes: a pseudo-element widens what can be touched.
SMALL_TARGETS = """least => [...document.querySelectorAll(
    'a:not(.gx-skip, .gx-tag, .gx-who a), button:not(.visually-hidden), summary, select, label:has(input), ' +
    'input:not([type=hidden], [type=checkbox], [type=radio])')]
  .filter(each => each.checkVisibility() && getComputedStyle(each).display !== 'inline')
  .map(each => [each.outerHTML.slice(0, 90), each.getBoundingClientRect()])
  .filter(([, box]) => box.height > 0 && box.height < least - 0.5).map(([html]) => html)"""


@dataclass
class Visit:
    """One page as one reader got it: what came over the line in bytes, and what went wrong on the way."""

    page: Any
    document: int = 0
    panels: dict[str, int] = field(default_factory=dict)
    weights: dict[str, int] = field(default_factory=dict)  # as sent, by kind: script, stylesheet, font, charts
    heard: list[str] = field(default_factory=list)
    painted: float = 0

    @property
    def shifts(self) -> list[Any]:
        """What moved by itself up to now, with how far."""
        return self.page.evaluate("gx.shifts")  # type: ignore[no-any-return]

    @property
    def refused(self) -> list[str]:
        """What the policy refused up to now."""
        return self.page.evaluate("gx.refused")  # type: ignore[no-any-return]

    def faults(self, *, opened: bool = False) -> list[str]:
        """What axe finds in the page as it stands, or with everything opened that opens."""
        if not self.page.evaluate("'axe' in globalThis"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        return self.page.evaluate(FAULTS, opened)  # type: ignore[no-any-return]

    def width(self, at: int) -> int:
        """How wide the page becomes in a window of a width."""
        self.page.set_viewport_size({"width": at, "height": 640})
        return int(self.page.evaluate("document.documentElement.scrollWidth"))


def visit(context: Any, address: str, *, status: int = 200) -> Visit:
    """Open a page with nothing kept from before, let all of it come into sight, and weigh it."""
    page = context.new_page()
    found, answers = Visit(page), []
    page.add_init_script(WATCH)
    page.on("console", lambda said: _hear(found, said, status))
    page.on("pageerror", lambda error: found.heard.append(str(error)))
    page.on("requestfailed", lambda asked: found.heard.append(f"{asked.url} {asked.failure}"))
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright marks what it calls
    first = page.goto(address)
    assert first.status == status, f"{address} answers {first.status}"
    page.evaluate(LOADED)
    page.evaluate(PAINTED)
    found.painted = page.evaluate("gx.painted")
    page.evaluate(SCROLL)
    page.evaluate(LOADED, EVERYWHERE)
    found.document = len(first.body())
    for each in answers:
        _weigh(found, each)
    return found


def _hear(found: Visit, said: Any, status: int) -> None:
    is_answer = (
        status >= 400 and said.text.startswith("Failed to load resource") and said.location["url"] == found.page.url
    )
    if said.type in {"error", "warning"} and not is_answer:
        found.heard.append(said.text)


def _weigh(found: Visit, answer: Any) -> None:
    asked = answer.request
    if answer.status >= 400 and asked.resource_type != "document":
        found.heard.append(f"{answer.url} answers {answer.status}")
    if asked.headers.get("hx-request"):
        found.panels[answer.url] = len(answer.body())
    elif asked.resource_type in {"script", "stylesheet", "font"}:
        kind = "charts" if "/chart/" in answer.url or "/echarts" in answer.url else asked.resource_type
        found.weights[kind] = found.weights.get(kind, 0) + asked.sizes()["responseBodySize"]


def picture(page: Any, name: str) -> None:
    """Keep a picture where one is wanted."""
    if folder := os.environ.get("GUANXI_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True, caret="initial")

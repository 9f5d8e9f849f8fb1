"""What a page weighs, how fast and how still it comes, and whether everybody can use it: measured in the browser.

Everything is put into the page from outside, through the browser's own door, so that the policy under which Guanxi
serves its pages stays as strict as it is.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from guanxi.pages import build

AXE = build.PAGES.parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDE, NARROW = 720, 320  # a desk at 200 %, and the narrowest phone
SERIOUS = ["serious", "critical"]
# Said as soon as a page begins: what moves although nobody touched it, when the largest part stood, what was refused.
WATCH = """
globalThis.gx = { shifts: [], painted: 0, refused: [] };
const heard = (type, each) => new PerformanceObserver((list) => list.getEntries().forEach(each))
  .observe({ type, buffered: true });
const named = ({ node }) => (node?.nodeType === 1 ? node.cloneNode().outerHTML : `text ${node?.nodeValue}`).slice(0, 120);
heard('layout-shift', (shift) => {
  if (!shift.hadRecentInput) gx.shifts.push([shift.value, shift.sources.map(named).join(' ')]);
});
heard('largest-contentful-paint', (paint) => { gx.painted = paint.startTime; });
addEventListener('securitypolicyviolation', (no) => gx.refused.push(`${no.violatedDirective} ${no.blockedURI} ${no.sample}`));
"""
SCROLL = """async () => {
  for (let y = 0; y < document.body.scrollHeight; y += 400) {
    scrollTo(0, y);
    await new Promise((then) => setTimeout(then, 60));
  }
  scrollTo(0, 0);
}"""
FAULTS = """async (impacts) => {
  const { violations } = await axe.run(document, {
    resultTypes: ['violations'], rules: { 'target-size': { enabled: true } },
  });
  return violations.filter((each) => impacts.includes(each.impact)).flatMap((each) => each.nodes.map((node) =>
    `${each.id}: ${node.target.join(' ')} ${node.html.slice(0, 160)} ${node.any.map((any) => any.message).join('; ')}`));
}"""
# A tag and a name in a row are larger than their boxes: a pseudo-element widens what can be touched.
SMALL_TARGETS = """least => [...document.querySelectorAll(
    'a:not(.gx-skip, .gx-tag, .gx-who-words a), button, summary, input:not([type=hidden]), select')]
  .filter(each => each.checkVisibility() && getComputedStyle(each).display !== 'inline' && each.type !== 'checkbox')
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

    def faults(self) -> list[str]:
        """What axe finds serious or critical in the page as it stands."""
        if not self.page.evaluate("'axe' in globalThis"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        return self.page.evaluate(FAULTS, SERIOUS)  # type: ignore[no-any-return]

    def width(self, at: int) -> int:
        """How wide the page becomes in a window of a width."""
        self.page.set_viewport_size({"width": at, "height": 640})
        return int(self.page.evaluate("document.documentElement.scrollWidth"))


def visit(context: Any, address: str, *, status: int = 200) -> Visit:
    """Open a page with nothing kept from before, let all of it come into sight, and weigh it."""
    page = context.new_page()
    found, answers = Visit(page), []
    page.add_init_script(WATCH)
    page.on("console", lambda said: found.heard.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: found.heard.append(str(error)))
    page.on("requestfailed", lambda asked: found.heard.append(f"{asked.url} {asked.failure}"))
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright marks what it calls
    first = page.goto(address)
    assert first.status == status, f"{address} answers {first.status}"
    page.wait_for_load_state("networkidle")
    found.painted = page.evaluate("gx.painted")
    page.evaluate(SCROLL)
    page.wait_for_load_state("networkidle")
    found.document = len(first.body())
    for each in answers:
        _weigh(found, each)
    return found


def _weigh(found: Visit, answer: Any) -> None:
    asked = answer.request
    if answer.status >= 400 and asked.resource_type != "document":
        found.heard.append(f"{answer.url} answers {answer.status}")
    if asked.headers.get("hx-request"):
        found.panels[answer.url] = len(answer.body())
    elif asked.resource_type in {"script", "stylesheet", "font"}:
        kind = "charts" if "/chart/" in answer.url or "/echarts" in answer.url else asked.resource_type
        found.weights[kind] = found.weights.get(kind, 0) + asked.sizes()["responseBodySize"]


def picture(page: Any, folder: str | None, name: str) -> None:
    """Keep a picture where one is wanted."""
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True, caret="initial")

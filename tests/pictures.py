"""Pictures of the demo shop: `python -m tests.pictures FOLDER [--every]`.

Makes the demo where GUANXI_HOME has none, serves it, and photographs its pages as the owner sees them: for the README
and the guide some pages once a language, or with `--every` all in both languages, both widths and both themes.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

from tests.chromium import DESK, PHONE, chromium
from tests.measures import SCROLL
from tests.web.process import free_port, status, until

LOCALES = {"en": "en-GB", "zh": "zh-CN"}
WIDTHS = {"desk": DESK, "phone": PHONE}
THEMES = ("light", "dark")
FIRST_ROW = "#main tbody a[href]"
PAGES: dict[str, tuple[str, ...]] = {  # an address, then what is clicked on the way
    "home": ("/",),
    "customers": ("/customers/",),
    "customer": ("/customers/", FIRST_ROW),
    "customer-new": ("/customers/new/",),
    "customer-edit": ("/customers/", FIRST_ROW, "#main a[href$='/edit/']"),
    "orders": ("/orders/",),
    "order": ("/orders/?store=hillside", FIRST_ROW),  # who buys at a counter has no address to be shown
    "products": ("/products/",),
    "product": ("/orders/", FIRST_ROW, "#main a[href^='/products/']"),
    "rfm": ("/insight/rfm/",),
    "rfm-moves": ("/insight/rfm/moves/",),
    "rfm-moved": ("/insight/rfm/moves/people/?way=fell",),
    "rfm-rules": ("/insight/rfm/rules/",),
    "rfm-versions": ("/insight/rfm/rules/versions/",),
    "retention-cohorts": ("/insight/retention/",),
    "retention-documents": ("/insight/retention/?basis=documents&shows=each",),
    "retention-people": ("/insight/retention/people/?within=90",),
    "layers": ("/insight/layers/",),
    "layer-people": ("/insight/layers/people/?state=active",),
    "lifetime-value": ("/insight/value/",),
    "churn": ("/insight/churn/",),
    "recommendations": ("/insight/recommendations/",),
    "lookalikes": ("/insight/lookalikes/",),
    "cooling": ("/insight/cooling/",),
    "funnels": ("/insight/funnels/?by=device",),
    "funnel-people": ("/insight/funnels/people/?funnel=order&step=1&dropped=1",),
    "paths": ("/insight/funnels/paths/",),
    "arrivals": ("/insight/funnels/arrivals/",),
    "products-sales": ("/insight/products/",),
    "places": ("/insight/places/?days=365",),
    "channels": ("/insight/channels/",),
    "forecast": ("/insight/forecast/",),
    "goals": ("/insight/goals/",),
    "goal-new": ("/insight/goals/new/",),
    "goals-review": ("/insight/goals/review/",),
    "marketing-costs": ("/insight/channels/costs/",),
    "experiments": ("/insight/experiments/",),
    "notebooks": ("/insight/notebook/",),
    "notebook": ("/insight/notebook/new/?example=weeks",),
    "mart": ("/insight/marts/customer_rfm/",),
    "searches": ("/insight/funnels/searches/",),
    "customer-merging": ("/customers/", FIRST_ROW, "#main a[href$='/merging/']"),
    "customer-splitting": ("/customers/", FIRST_ROW, "#main a[href$='/splitting/']"),
    "customer-merges": ("/customers/", FIRST_ROW, "#main a[href$='/merges/']"),
    "settings": ("/settings/",),
    "duplicates": ("/customers/duplicates/",),
    "merges": ("/customers/merges/",),
    "who-is-who": ("/settings/identity/",),
    "wordings": ("/settings/privacy/",),
    "retention": ("/settings/privacy/retention/",),
    "erasures": ("/settings/privacy/erasures/",),
    "fields": ("/settings/fields/",),
    "field-new": ("/settings/fields/new/",),
    "calendar": ("/settings/calendar/",),
    "calendar-entry-new": ("/settings/calendar/new/",),
    "look": ("/settings/look/",),
    "settings-file": ("/settings/file/",),
    "tags": ("/customers/tags/",),
    "tag-new": ("/customers/tags/new/",),
    "stores": ("/orders/stores/",),
    "store": ("/orders/stores/", FIRST_ROW),
    "imports": ("/imports/",),
    "import": ("/imports/", FIRST_ROW),
    "import-new": ("/imports/new/",),
    "events": ("/events/",),
    "event-source-new": ("/events/sources/new/",),
    "quarantine": ("/events/quarantine/",),
    "webhooks": ("/settings/webhooks/",),
    "webhook-new": ("/settings/webhooks/new/",),
    "webhook-deliveries": ("/settings/webhooks/deliveries/",),
    "api": ("/api/",),
    "api-group": ("/api/", "#main a[href*='/api/customers/']"),
    "api-keys": ("/settings/keys/",),
    "api-key-new": ("/settings/keys/new/",),
    "jobs": ("/jobs/?view=done",),
    "runs": ("/insight/runs/",),
    "backups": ("/jobs/backups/",),
}
PEOPLE: dict[str, tuple[str, ...]] = {  # of those who work here
    "export-plainly": ("/customers/export/plainly/",),
    "withheld": ("/customers/export/plainly/asked/",),
    "profile": ("/profile/",),
    "password": ("/profile/password/",),
    "confirm": ("/profile/confirmation/",),
    "second-factor": ("/profile/second-factor/",),
    "sessions": ("/profile/sessions/",),
    "staff": ("/settings/staff/",),
    "staff-member": ("/settings/staff/", FIRST_ROW),
    "staff-invitation": ("/settings/staff/invitation/",),
    "roles": ("/settings/staff/roles/",),
    "second-factor-rule": ("/settings/staff/second-factor/",),
    "audit": ("/settings/audit/",),
    "accesses": ("/settings/access/",),
}
SHOWN = {"home": "desk", "customers": "desk", "customer": "desk", "rfm": "desk", "order": "desk", "product": "desk"}


@contextmanager
def demo(*options: str, environment: dict[str, str] | None = None) -> Iterator[dict[str, Any]]:
    """Serve the demo shop; gives what it tells of itself."""
    port = free_port()
    command = [sys.executable, "-m", "guanxi", "demo", "--port", str(port), "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            until(lambda: status(port) == 200, 600)
            assert process.stdout
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def sign_in(page: Any, shop: dict[str, Any]) -> None:
    """Come in as the owner."""
    owner = shop["sign_ins"][0]
    page.goto(shop["address"])
    page.fill("[name=sign_in_name]", owner["sign_in_name"])
    page.fill("[name=password]", owner["password"])
    page.click("main [type=submit]")
    page.wait_for_load_state("networkidle")


def walk(page: Any, shop: dict[str, Any], steps: tuple[str, ...]) -> None:
    """Open an address and follow links from there."""
    answer = page.goto(shop["address"].rstrip("/") + steps[0])
    assert answer.ok, f"{steps[0]} answers {answer.status}"
    for selector in steps[1:]:
        with page.expect_navigation():
            page.locator(selector).first.click()


def photograph(page: Any, shop: dict[str, Any], steps: tuple[str, ...], file: Path, *, whole: bool) -> None:
    """Open one page, let its panels load, and keep the picture: of the whole page, or of what stands in the window."""
    walk(page, shop, steps)
    page.wait_for_load_state("networkidle")
    page.evaluate(SCROLL)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=file, full_page=whole)
    print(file.name, flush=True)


def main(folder: Path, *, every: bool) -> None:
    """Make them all."""
    folder.mkdir(parents=True, exist_ok=True)
    widths, themes = (WIDTHS, THEMES) if every else (["desk"], ["light"])
    with demo() as shop, chromium() as browser:
        for language, width, theme in product(LOCALES, widths, themes):
            context = browser.new_context(locale=LOCALES[language], color_scheme=theme, **WIDTHS[width])
            page = context.new_page()
            sign_in(page, shop)
            ending = f"-{language}-{width}-{theme}.png" if every else f"-{language}.png"
            for name, steps in {**PAGES, **PEOPLE}.items():
                if every or SHOWN.get(name) == width:
                    photograph(page, shop, steps, folder / f"{name}{ending}", whole=every)
            context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), every="--every" in sys.argv)

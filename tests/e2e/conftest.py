"""The small demo shop, the people who look at it, and where its pages are."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import pictures
from tests.chromium import DESK, PHONE
from tests.e2e.test_first_day import invoices
from tests.measures import Visit, visit

READERS: dict[str, dict[str, Any]] = {
    "desk": {**DESK, "locale": "en-GB", "color_scheme": "light"},
    "phone": {**PHONE, "locale": "zh-CN", "color_scheme": "dark"},
}
STRANGERS = {"sign-in": "/sign-in/", "link-spent": "/welcome/spent/"}
OTHERS = {**STRANGERS, "nobody-found": "/customers/?q=nobody+of+this+name", "missing": "/nothing/here/"}
STEPS = ("import-columns", "import-checked")
PAGES = (*pictures.PAGES, *OTHERS, *STEPS)
REFUSALS = {"missing": 404, "link-spent": 410}
QUICK, LOOKS = 900, 4


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The shop of 80 customers, served by the real program from a home and a book of its own."""
    home = tmp_path_factory.mktemp("demo") / "home"
    names = {**os.environ, "GUANXI_HOME": str(home), "PYTHONPATH": str(Path("src").absolute())}
    names.pop("GUANXI_DATABASE_URL", None)
    with pictures.demo("--scale", "0.004", "--workers", "1", environment=names) as shop:
        yield shop


@pytest.fixture(scope="module")
def known(chromium: Any, demo: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The owner's sign-in, and where every page is: found once, by following links as people do."""
    if "state" not in demo:
        context = chromium.new_context(**READERS["desk"])
        page, base = context.new_page(), demo["address"].rstrip("/")
        pictures.sign_in(page, demo)
        found = {name: base + path for name, path in OTHERS.items()}
        for name, steps in pictures.PAGES.items():
            pictures.walk(page, demo, steps)
            found[name] = page.url
        file = invoices(tmp_path_factory.mktemp("files") / "invoices.csv", orders=40)
        found |= dict(zip(STEPS, imports(page, found["import-new"], file), strict=True))
        demo |= {"state": context.storage_state(), "addresses": found}
        context.close()
    return demo


def imports(page: Any, begin: str, file: Path) -> Iterator[str]:
    """Upload a file: its import waits with the columns, then with what it would change."""
    page.goto(begin)
    page.set_input_files("[name=upload]", str(file))
    page.click("[data-gx-upload] [type=submit]")
    page.locator("td", has_text="InvoiceNo").first.wait_for()
    yield page.url
    page.click(".gx-import-settle [type=submit]")
    page.locator("[data-gx-import=checked]").wait_for(timeout=180_000)
    yield page.url


@pytest.fixture
def reads(chromium: Any, known: dict[str, Any]) -> Iterator[Callable[..., Visit]]:
    """Have a reader open a page; where it came slowly they look again, as a busy machine is no slow page."""
    contexts: list[Any] = []

    def once(name: str, reader: str) -> Visit:
        state = None if name in STRANGERS else known["state"]
        contexts.append(chromium.new_context(**READERS[reader], storage_state=state))
        return visit(contexts[-1], known["addresses"][name], status=REFUSALS.get(name, 200))

    def read(name: str, reader: str) -> Visit:
        found = once(name, reader)
        for _ in range(LOOKS - 1):
            if found.painted > QUICK:
                found.painted = min(found.painted, once(name, reader).painted)
        return found

    yield read
    for context in contexts:
        context.close()


def patience() -> float:
    """How much longer things may take: as often as others overbook the processors."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))

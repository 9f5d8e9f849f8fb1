"""The small demo shop, the people who look at it, and where its pages are."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import pictures
from tests.accounts.test_passkeys_in_browser import with_device
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
MADE = {  # what the demo has none of: by which form, what is typed there, and what is ticked
    "event-source": ("event-source-new", {"#id_name": "Tea app"}, ()),
    "webhook": ("webhook-new", {"#id_url": "https://erp.example/guanxi"}, ("[name=which][value=all]",)),
}
ASKED = {"reveal": "customer", "order-reveal": "order"}  # what is shown for a reason, of which page
BY_NAME = {  # where the shop is open by a name, as passkeys want it
    "sign-in-by-passkey": "/sign-in/",
    "second-factor-held": "/profile/second-factor/",
    "second-step": "/sign-in/second/",
}
LATELY = ("second-factor", "second-factor-rule", "second-factor-held", "second-step")
PAGES = (*pictures.PAGES, *pictures.PEOPLE, *OTHERS, *STEPS, *MADE, *ASKED, *BY_NAME)
REFUSALS = {"missing": 404, "link-spent": 410}
QUICK, LOOKS = 900, 4
SMALL = ("--scale", "0.004")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The shop of 80 customers, served by the real program from a home and a book of its own."""
    home = tmp_path_factory.mktemp("demo") / "home"
    shutil.copytree(made(tmp_path_factory), home)
    with pictures.demo(*SMALL, "--workers", "1", environment=at(home)) as shop:
        yield shop


def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the shop stands that is copied; whoever of the test processes comes first makes it, the others wait."""
    with of_all(tmp_path_factory, "demo-made") as home:
        if not home.exists():
            command = [sys.executable, "-m", "guanxi", "demo", "--no-serve", *SMALL]
            subprocess.run(command, env=at(home), check=True, stdout=subprocess.DEVNULL)
    return home


@contextmanager
def of_all(tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[Path]:
    """A file or a folder that all test processes share, held by one at a time."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield place


def at(home: Path) -> dict[str, str]:
    """What the program has to know to be at a home, with the book that lies there."""
    names = {**os.environ, "GUANXI_HOME": str(home), "PYTHONPATH": str(Path("src").absolute())}
    names.pop("GUANXI_DATABASE_URL", None)
    return names


@pytest.fixture(scope="module")
def known(chromium: Any, demo: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The owner's sign-in, and where every page is: found once, by following links as people do."""
    if "state" not in demo:
        context = chromium.new_context(**READERS["desk"])
        page, base = context.new_page(), demo["address"].rstrip("/")
        pictures.sign_in(page, demo)
        found = {name: base + path for name, path in OTHERS.items()}
        with of_all(tmp_path_factory, "demo-walked.json") as walked:
            if not walked.exists():
                walked.write_text(json.dumps(dict(paths(page, demo))))
            found |= {name: base + path for name, path in json.loads(walked.read_text()).items()}
        found |= {name: found[of].split("?")[0] + "reveal/" for name, of in ASKED.items()}
        found |= {name: by_name(demo)["address"] + path for name, path in BY_NAME.items()}
        file = invoices(tmp_path_factory.mktemp("files") / "invoices.csv", orders=40)
        found |= dict(zip(STEPS, imports(page, found["import-new"], file), strict=True))
        found |= {name: made_by_hand(page, found[form], *told) for name, (form, *told) in MADE.items()}
        demo |= {"state": context.storage_state(), "addresses": found}
        context.close()
    return demo


def paths(page: Any, demo: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Where links lead to each page; it is the same in every copy of the shop."""
    for name, steps in {**pictures.PAGES, **pictures.PEOPLE}.items():
        pictures.walk(page, demo, steps)
        yield name, page.url.removeprefix(demo["address"].rstrip("/"))


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


def made_by_hand(page: Any, form: str, typed: dict[str, str], ticked: tuple[str, ...]) -> str:
    """Fill in a form and send it; gives where what was made is shown, the last of the crumbs above its key."""
    page.goto(form)
    for field, text in typed.items():
        page.fill(field, text)
    for box in ticked:
        page.check(box)
    page.click("main form[method=post] .gx-btn-primary")
    page.wait_for_selector("#secret")
    return str(page.locator(".gx-eyebrow a").last.evaluate("(link) => link.href"))


def by_name(demo: dict[str, Any]) -> dict[str, Any]:
    """The shop as a colleague opens it: by the name of the machine, not by its number."""
    address = demo["address"].replace("127.0.0.1", "localhost").rstrip("/")
    return {"address": address, "sign_ins": demo["sign_ins"][1:]}


def lately_in(context: Any, demo: dict[str, Any], name: str) -> None:
    """Sign in now, for pages that ask for the password again after a while, or for a second step."""
    page = context.new_page()
    if name not in BY_NAME:
        pictures.sign_in(page, demo)
        return
    if "codes" not in demo:
        demo["codes"] = codes_of_a_passkey(context.browser, demo)
    pictures.sign_in(page, by_name(demo))
    if name == "second-factor-held":
        page.fill("[name=code]", demo["codes"].pop())
        page.click("form:has([name=code]) [type=submit]")
        page.wait_for_selector("#main.gx-main")


def codes_of_a_passkey(browser: Any, demo: dict[str, Any]) -> list[str]:
    """Have the colleague add a passkey; the codes that stand in for it."""
    context = browser.new_context(**READERS["desk"])
    page = context.new_page()
    with_device(page)
    pictures.sign_in(page, by_name(demo))
    page.goto(by_name(demo)["address"] + BY_NAME["second-factor-held"])
    page.click("[data-gx-passkey=create] [type=submit]")
    page.wait_for_selector(".gx-codes code")
    codes: list[str] = page.locator(".gx-codes code").all_inner_texts()
    context.close()
    return codes


@pytest.fixture
def reads(chromium: Any, known: dict[str, Any]) -> Iterator[Callable[..., Visit]]:
    """Have a reader open a page; where it came slowly they look again, as a busy machine is no slow page."""
    contexts: list[Any] = []

    def once(name: str, reader: str) -> Visit:
        state = known["state"] if name not in {*STRANGERS, *BY_NAME, *LATELY} else None
        contexts.append(chromium.new_context(**READERS[reader], storage_state=state))
        if name in LATELY:
            lately_in(contexts[-1], known, name)
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

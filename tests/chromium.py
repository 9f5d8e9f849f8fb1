"""The real Chromium of tests and pictures: where it is, how it starts, and the windows it opens."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = Path(os.environ.get("GUANXI_CHROMIUM") or "/usr/bin/chromium")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESK = {"viewport": {"width": 1440, "height": 1010}}
PATIENCE = 120_000  # thousandths of a second: an import in the next window takes the machine for a while
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}


@contextmanager
def chromium() -> Iterator[Any]:
    """Start the browser, and end it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        opened.new_context = _patiently(opened.new_context)
        try:
            yield opened
        finally:
            opened.close()


def _patiently(new_context: Callable[..., Any]) -> Callable[..., Any]:
    """Let the windows wait longer than Playwright does where nothing else is said."""

    def opened(**given: Any) -> Any:
        context = new_context(**given)
        context.set_default_timeout(PATIENCE)
        return context

    return opened

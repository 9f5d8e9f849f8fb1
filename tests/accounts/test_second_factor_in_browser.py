import os
import time
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.urls import reverse

from guanxi.accounts.models import SecondFactorRule, Staff
from tests.cast import PASS_PHRASE
from tests.chromium import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
READERS = {
    "desk": {**DESK, "locale": "en-GB", "color_scheme": "light"},
    "phone": {**PHONE, "locale": "zh-CN", "color_scheme": "dark"},
}


def code_of(secret: str, *, later: int = 0) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + later))


def sign_in(page: Any, address: str) -> None:
    page.goto(address + reverse("sign-in"))
    page.fill("[name=sign_in_name]", "mei")
    page.fill("[name=password]", PASS_PHRASE)
    page.click("form [type=submit].gx-btn-primary")


def look(page: Any, name: str) -> None:
    """Keep a picture where one is asked for."""
    if folder := os.environ.get("GUANXI_PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("reader", READERS)
def test_an_owner_sets_an_app_up_and_signs_in_with_its_codes(
    chromium: Any, live_server: Any, owner: Staff, reader: str
) -> None:
    SecondFactorRule.change(required=True, by=None)
    first = chromium.new_context(**READERS[reader])
    page = first.new_page()
    sign_in(page, live_server.url)
    secret = page.inner_text(".gx-secret").replace(" ", "")
    assert page.evaluate("document.querySelector('.gx-qr').naturalWidth") > 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    look(page, f"set-up-{reader}")
    page.fill("[name=code]", code_of(secret))  # this code and the next hold longest
    page.click("form[action$='second-factor/'] [type=submit]")
    codes = page.locator(".gx-codes code").all_inner_texts()
    assert len(set(codes)) == 10
    look(page, f"codes-{reader}")
    page.goto(live_server.url + reverse("second-factor"))
    look(page, f"second-factor-{reader}")
    page.goto(live_server.url + reverse("profile"))
    look(page, f"profile-{reader}")
    first.close()
    second = chromium.new_context(**READERS[reader])
    page = second.new_page()
    sign_in(page, live_server.url)
    page.wait_for_selector("[name=code]")
    look(page, f"second-step-{reader}")
    page.fill("[name=code]", code_of(secret, later=1))
    page.click("form [type=submit].gx-btn-primary")
    page.wait_for_selector("#main.gx-main")
    second.close()

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from guanxi.accounts import passkeys
from guanxi.accounts.models import SecondFactorRule, Staff
from tests.accounts.test_second_factor_in_browser import READERS, look, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_device(page: Any) -> Callable[..., Any]:
    """Give a page's browser a device that holds passkeys; says how to talk to it."""
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    device = wire.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]
    return lambda verb, **told: wire.send(f"WebAuthn.{verb}", {"authenticatorId": device, **told})


def sign_out(page: Any, address: str) -> None:
    page.context.clear_cookies()
    page.goto(address + reverse("sign-in"))


@pytest.mark.parametrize("reader", READERS)
def test_an_owner_adds_a_passkey_and_signs_in_with_it_alone_and_after_the_password(
    chromium: Any, live_server: Any, owner: Staff, reader: str
) -> None:
    SecondFactorRule.change(required=True, by=None)
    context = chromium.new_context(**READERS[reader])
    page, heard = context.new_page(), []
    page.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)
    device = with_device(page)
    sign_in(page, live_server.url)
    look(page, f"passkey-forced-{reader}")
    page.click("[data-gx-passkey=create] [type=submit]")
    page.wait_for_selector(".gx-codes code")
    page.goto(live_server.url + reverse("second-factor"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    look(page, f"passkeys-{reader}")
    sign_out(page, live_server.url)
    look(page, f"passkey-sign-in-{reader}")
    page.click("[data-gx-passkey=get] [type=submit]")
    page.wait_for_selector("#main.gx-main")
    sign_out(page, live_server.url)
    sign_in(page, live_server.url)
    page.wait_for_selector("[name=code]")
    look(page, f"passkey-second-{reader}")
    page.click("[data-gx-passkey=get] [type=submit]")
    page.wait_for_selector("#main.gx-main")
    assert passkeys.of(owner).get().data["counter"] > 1
    page.goto(live_server.url + reverse("second-factor"))
    page.click("[data-gx-passkey=create] [type=submit]")
    page.wait_for_selector("[data-gx-unanswered]:visible")  # this device holds one of theirs already
    device("setUserVerified", isUserVerified=False)
    sign_out(page, live_server.url)
    page.click("[data-gx-passkey=get] [type=submit]")
    page.wait_for_selector("[data-gx-unanswered]:visible")
    assert heard == []
    context.close()


def test_whose_session_ended_goes_on_by_a_passkey_on_the_page_they_are_on(
    chromium: Any, live_server: Any, owner: Staff
) -> None:
    context = chromium.new_context(**READERS["desk"])
    page = context.new_page()
    with_device(page)
    sign_in(page, live_server.url)
    page.wait_for_selector("#main.gx-main")
    page.goto(live_server.url + reverse("second-factor"))
    page.click("[data-gx-passkey=create] [type=submit]")
    page.wait_for_selector(".gx-codes code")
    page.goto(live_server.url + "/customers/")
    context.clear_cookies(name="sessionid")
    page.fill("input[name=q]", "Ada")
    page.wait_for_selector("#gx-sign-in [data-gx-passkey]")
    look(page, "passkey-here-desk")
    page.click("#gx-sign-in [data-gx-passkey] [type=submit]")
    page.wait_for_selector("#gx-sign-in", state="hidden")
    assert page.evaluate("fetch('/notices/').then((answer) => answer.status)") == 200
    context.close()

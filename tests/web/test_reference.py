"""The page about the API: its examples run as they stand, and say the same in both languages of programs."""

import json
import shlex
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from guanxi.accounts.models import Staff
from guanxi.client import Client as Caller
from guanxi.customers.models import Customer
from guanxi.shop.models import CustomField
from guanxi.web.api import PREFIX, description, operations
from guanxi.web.reference import GROUPS, Way, _ways
from tests.api import keyed

pytestmark = pytest.mark.django_db
ROOT = "https://shop.example"


def ways() -> list[Way]:
    return [way for tag in GROUPS for way in _ways(description(), tag, ROOT)]


def told_by_curl(text: str) -> tuple[str, str, Any, dict[str, str]]:
    """Read what a call of curl sends: method, path, body, headers."""
    words = shlex.split(text.replace("\\\n", " "))
    assert words[:2] == ["curl", "-X"]
    options = list(zip(words[4::2], words[5::2], strict=True))
    headers = dict(value.split(": ", 1) for name, value in options if name == "-H")
    body = next((json.loads(value) for name, value in options if name == "-d"), None)
    assert words[3].startswith(ROOT + PREFIX)
    return words[2], words[3].removeprefix(ROOT), body, headers


class Recorder(Caller):
    """A client that notes what it would send."""

    def __init__(self) -> None:
        super().__init__(ROOT, "gxk_x")
        self.sent: tuple[str, str, Any] = ("", "", None)

    def _call(self, method: str, path: str, data: bytes | None = None, headers: Any = None) -> Any:
        self.sent = method, PREFIX + path, json.loads(data) if data and data != b"{}" else None
        return {"data": [], "next": None}


def test_every_route_has_an_example_in_one_of_the_groups() -> None:
    assert {way.name for way in ways()} == {each["operationId"] for _method, each in operations(description())}


def test_every_example_in_curl_runs_as_it_stands(owner: Staff, loyal: Customer) -> None:
    program = keyed(owner, per_minute=60_000)
    labels = {"kind": "yes_no", "label_en": "Gift wrap", "label_zh": "礼品包装"}
    CustomField.declare("order", "gift_wrap", labels, by=owner)
    for way in ways():
        if way.name == "send_import":
            continue  # a file: test_api sends those
        method, path, body, headers = told_by_curl(way.curl)
        assert headers["Authorization"] == "Bearer $GUANXI_KEY"
        assert ("Idempotency-Key" in headers) == (way.method in {"POST", "PATCH"} and way.name != "find_customers")
        with transaction.atomic():
            if way.name in {"add_customers", "add_customer"}:
                loyal.profiles.get().identifiers.all().delete()  # whose phone the example has
            if way.name in {"merge_customers", "add_relationship"}:
                for key in (1, 2):  # those whom the example names
                    Customer.objects.get_or_create(pk=key)
            answer = program.call(method, path.removeprefix(PREFIX), body)
            transaction.set_rollback(True)
        assert answer.status_code in {200, 201, 202, 204, 404, 409}, (way.name, answer.content)


def test_every_example_in_python_sends_what_the_one_in_curl_does() -> None:
    for way in ways():
        if way.name == "send_import":
            continue
        client = Recorder()
        exec(way.python, {"client": client})
        method, path, body, _headers = told_by_curl(way.curl)
        assert client.sent == (method, path, body), way.name


def test_what_a_route_does_is_said_in_the_readers_language(owners_browser: Client) -> None:
    with translation.override("zh-hans"):
        chinese = {way.name: way.said for way in ways()}
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in said) for said in chinese.values())
    chinese_reader = {"Accept-Language": "zh-CN"}
    page = owners_browser.get(reverse("api-reference-group", args=["orders"]), headers=chinese_reader).content.decode()
    assert chinese["send_orders"][:20] in page
    assert "    print(each" in page, "Python goes by its indents"


def test_every_route_is_listed_and_leads_to_how_it_is_called(owners_browser: Client) -> None:
    page = owners_browser.get(reverse("api-reference")).content.decode()
    assert "    print(customer" in page, "Python goes by its indents"
    for tag in GROUPS:
        address = reverse("api-reference-group", args=[tag])
        called = owners_browser.get(address).content.decode()
        for way in _ways(description(), tag, ROOT):
            assert f'href="{address}?call={way.name}#{way.name}"' in page
            assert f'id="{way.name}">' in called
            assert f">{way.path}<" in page
            assert f"curl -X {way.method} " in called
        assert f'id="{way.name}" open>' in owners_browser.get(f"{address}?call={way.name}").content.decode()


def test_what_a_list_in_the_body_holds_is_told_field_by_field() -> None:
    sent = {way.name: {each.name: each for each in way.body} for way in ways()}["send_orders"]
    assert sent["orders[].number"].is_needed
    assert sent["orders[].lines[].quantity"].kind != ""
    assert not sent["orders[].customer_number"].is_needed


def test_a_part_that_the_api_has_not_is_not_found(owners_browser: Client) -> None:
    assert owners_browser.get("/api/spells/").status_code == 404

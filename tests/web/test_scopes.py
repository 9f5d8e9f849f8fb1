"""The matrix of scopes: every route of the API, every method, every scope alone, compared with an agreed table.

The table stands in `scopes.txt`: a line a route and method with the one scope that opens it. Whatever is not in it is
refused whichever scopes a key has; a refused call writes nothing but the count of calls.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver

from guanxi.accounts.models import ApiKey, Staff
from guanxi.accounts.roles import KNOWN
from guanxi.accounts.scopes import SCOPES
from guanxi.catalog.intake import Good, shelve
from guanxi.catalog.models import Product
from guanxi.core.ids import public_id
from guanxi.customers.models import Customer, Tag
from guanxi.identity.models import Merge
from guanxi.ingest.models import Import, Webhook
from guanxi.insight.notebook.models import Question
from guanxi.orders.models import Order
from tests.api import Program, keyed
from tests.identity.people import person
from tests.insight.costs import cost_of, reading_of
from tests.insight.notebook.books import an_answered_notebook

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).with_name("scopes.txt")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
WRITES = ("INSERT", "UPDATE", "DELETE")
COUNTED = "accounts_meter"
WORD = re.compile(r"<(?:\w+:)?(\w+)>|\{(\w+)\}")
Verdicts = dict[tuple[str, str], str]


def routes() -> Iterator[str]:
    """Every address of the API, as ninja routes it."""
    mounted = [each for each in get_resolver().url_patterns if getattr(each, "namespace", "") == "api"]
    for each in mounted:
        assert isinstance(each, URLResolver)
        yield from ("/" + str(route.pattern) for route in each.url_patterns)


def agreed() -> Verdicts:
    lines = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {(route, method): scope for method, route, scope in lines}


@pytest.fixture
def samples(loyal: Customer, owner: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """For every word that routes take, one that leads somewhere."""
    monkeypatch.setattr(Question, "place", property(lambda self: tmp_path / f"{self.pk}.arrow"))
    shelve([Good(sku="BC-357", name="寿眉饼", price_minor=26_800, currency="CNY")])
    tag = Tag.objects.called("白茶")
    loyal.tag_with(tag, by=owner)
    return {
        "customer_id": loyal.public_id,
        "order_id": Order.objects.latest("pk").public_id,
        "product_id": Product.objects.get().public_id,
        "import_id": Import.objects.create(by=owner, state=Import.State.DONE).public_id,
        "tag_id": tag.public_id,
        "merge_id": Merge.write(Merge.Act.MERGED, survivor=loyal.pk, rule="by hand").public_id,
        "note_id": loyal.annotate_with("打包要稳", by=owner).public_id,
        "other_id": person(1).public_id,
        "cost_id": public_id("cst", cost_of("baidu", by=owner).pk),
        "experiment_id": reading_of("gate", by=owner).public_id,
        "notebook_id": an_answered_notebook(by=owner).public_id,
        "number": "1",
        "webhook_id": Webhook.make("https://erp.example/hook", by=owner).public_id,
        "mart": "customer_rfm",
        "kind": "household",
        "channel": "sms",
        "purpose": "marketing",
    }


def named(route: str) -> str:
    return WORD.sub(lambda word: "{" + (word[1] or word[2]) + "}", route)


def filled(route: str, samples: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda word: samples[word[1]], named(route))


def outcome(program: Program, method: str, address: str) -> tuple[int, list[str]]:
    """Call, and take back whatever the call did."""
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        status = program.call(method, address, {} if method in {"POST", "PUT", "PATCH"} else None).status_code
        transaction.set_rollback(True)
    sql = [query["sql"].lstrip() for query in queries]
    return status, [each for each in sql if each.upper().startswith(WRITES) and COUNTED not in each]


def test_every_scope_opens_what_the_table_says_and_nothing_else(samples: dict[str, str], owner: Staff) -> None:
    programs = {scope: keyed(owner, scope, per_minute=60_000) for scope in SCOPES}
    found: Verdicts = {}
    wrong: list[str] = []
    for route in routes():
        address = filled(route, samples)
        for method in METHODS:
            for scope, program in programs.items():
                status, written = outcome(program, method, address)
                if status == 405:
                    break  # no such method, whoever asks
                let_in = status not in {401, 403}
                if let_in:
                    assert (named(route), method) not in found, "one scope opens one thing"
                    found[named(route), method] = scope
                if status >= 500:
                    wrong.append(f"{method} {route} by {scope} answers {status}")
                if written and not let_in:
                    wrong.append(f"{method} {route} by {scope} was refused and wrote {written[0][:80]}")
    assert wrong == []
    lines = "\n".join(f"{method} {route} {scope}" for (route, method), scope in found.items())
    assert found == agreed(), lines


def test_no_key_a_dead_one_and_a_session_open_nothing(samples: dict[str, str], owner: Staff) -> None:
    dead = keyed(owner)
    ApiKey.objects.get().revoke(by=owner)
    signed_in = Program()
    signed_in.client.force_login(owner)
    for route in routes():
        for method in METHODS:
            for program in (Program(), dead, signed_in):
                status, written = outcome(program, method, filled(route, samples))
                assert status in {401, 405, 429}, f"{method} {route} answers {status}"
                assert written == []


def test_what_is_not_there_is_not_found_whoever_asks(samples: dict[str, str], owner: Staff) -> None:
    program = keyed(owner, per_minute=60_000)
    gone = {word: public_id(value.partition("_")[0], 987_654_321) for word, value in samples.items() if "_id" in word}
    gone["mart"] = "moon"
    for route, method in agreed():
        if "{" in route and "{tag_id}" not in route:
            body = {
                "name": "x",
                "text": "x",
                "other": public_id("cus", 987_654_321),
                "kind": "email",
                "value": "a@example.com",
                "source": "staff",
            }
            wanted = {
                "/tags": ("name",),
                "/notes": ("text",),
                "/merges": ("other",),
                "/identifiers": ("kind", "value"),
            }
            names = next((told for end, told in wanted.items() if route.endswith(end)), ())
            names = ("source",) if "/consents/" in route else names
            if route.endswith("/relationships"):
                names, body["kind"] = ("other", "kind"), "household"
            address = filled(route, {**samples, **gone})
            sent = {name: body[name] for name in names} if method in {"POST", "PUT", "PATCH"} else None
            sent = None if route.startswith("/imports") else sent
            assert program.call(method, address, sent).status_code == 404, (method, route)


def test_every_permission_a_scope_lets_through_is_one_there_is() -> None:
    assert {may for scope in SCOPES.values() for may in scope.permissions} <= KNOWN

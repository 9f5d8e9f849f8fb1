"""Every field of every route with what it must not hold, made from the description: refused with a sentence, undone.

What a route takes is said once; what is wrong is made from its schema, so that a new field is under test at once.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.apps import apps

from guanxi.accounts.models import Staff
from guanxi.catalog.intake import Good, shelve
from guanxi.catalog.models import Product
from guanxi.core.ids import public_id
from guanxi.customers.models import Customer, Tag
from guanxi.identity.models import Merge
from guanxi.ingest.models import Import, Webhook
from guanxi.orders.models import Order
from guanxi.web.api import PREFIX, description, operations
from tests.api import Program, keyed, problem
from tests.identity.people import person
from tests.insight.costs import cost_of, reading_of
from tests.insight.notebook.books import a_notebook

pytestmark = pytest.mark.django_db
Schema = Mapping[str, Any]
Place = tuple[str | int, ...]
PERSON = {"name": "Kim", "email": "kim@example.com"}
LINE = {"sku": "A", "quantity": "1", "unit_price": "2.5"}
ORDER = {"number": "A-1", "placed_at": "2024-11-11T00:00:00Z", "lines": [LINE], "payments": [{"amount_minor": 250}]}
TAKEN: dict[str, dict[str, Any]] = {
    "add_customer": PERSON,
    "add_customers": {"customers": [PERSON]},
    "send_customers": {"store": "tea", "customers": [{"number": "m-7", **PERSON}]},
    "correct_customer": {"name": "Kim"},
    "find_customers": {"kind": "email", "value": "kim@example.com"},
    "add_identifier": {"kind": "email", "value": "kim@example.com"},
    "tag_customer": {"name": "白茶"},
    "give_consent": {"source": "staff"},
    "merge_customers": {"other": "cus_3RVQKEBZ99Y1A"},
    "add_relationship": {"other": "cus_3RVQKEBZ99Y1A", "kind": "referral"},
    "add_webhook": {"url": "https://erp.example/guanxi"},
    "change_webhook": {"description": "ERP"},
    "write_note": {"text": "打包要稳"},
    "add_product": {"sku": "BC-357"},
    "fill_in_order": {"fields": {}},
    "send_orders": {"store": "tea", "orders": [ORDER]},
    "enter_costs": {"costs": [{"source": "a", "starts_on": "2024-11-01", "ends_on": "2024-11-11", "amount_minor": 1}]},
}
HOSTILE = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://example.com")'
LONE, CONTROL = "a\ud800b", "a\x00b"
TOLD = description()


@pytest.fixture
def program(owner: Staff) -> Program:
    return keyed(owner, per_minute=60_000)


@pytest.fixture
def ids(loyal: Customer, owner: Staff) -> dict[str, str]:
    """For every word of an address, one that leads somewhere."""
    shelve([Good(sku="BC-1", name="寿眉饼", price_minor=26_800, currency="CNY")])
    return {
        "customer_id": loyal.public_id, "order_id": Order.objects.latest("pk").public_id,
        "product_id": Product.objects.get().public_id, "tag_id": Tag.objects.called("白茶").public_id,
        "import_id": Import.objects.create(by=owner, state=Import.State.DONE).public_id,
        "note_id": loyal.annotate_with("打包要稳", by=owner).public_id, "channel": "sms", "purpose": "marketing",
        "merge_id": Merge.write(Merge.Act.MERGED, survivor=loyal.pk, rule="by hand").public_id,
        "kind": "referral", "other_id": person(3).public_id, "mart": "customer_rfm",
        "cost_id": public_id("cst", cost_of("baidu", by=owner).pk),
        "experiment_id": reading_of("gate", by=owner).public_id,
        "notebook_id": a_notebook(by=owner).public_id,
        "number": "1",
        "webhook_id": Webhook.make("https://erp.example/hook", by=owner).public_id,
    }  # fmt: skip


def followed(schema: Schema) -> Schema:
    return TOLD["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def kinds(schema: Schema) -> list[Schema]:
    """Give the ways in which a value may be: one, or several where it may be missing."""
    return [followed(each) for each in followed(schema).get("anyOf", [schema])]


def wrong_values(schema: Schema) -> Iterator[Any]:
    """Make what one value must not be."""
    ways = kinds(schema)
    types = {each.get("type", "string") for each in ways}
    samples = {"string": "x", "integer": 7, "number": 1.5, "boolean": True, "array": [], "object": {}, "null": None}
    yield from (value for kind, value in samples.items() if (kind not in types and kind != "null") or kind not in types)
    for each in ways:
        if each.get("type") == "string":
            yield from wrong_texts(each)
        if each.get("type") == "integer":
            yield from (10**40, -(10**40))
        if each.get("type") == "array":
            yield from ([5], [None], *([["x"]] if each.get("items", {}).get("type") != "string" else []))


def wrong_texts(schema: Schema) -> Iterator[str]:
    """Make texts that a field of texts must not be."""
    yield from (LONE, CONTROL, "a\x1bb", "a\x85b")
    if "maxLength" in schema:
        yield "x" * (schema["maxLength"] + 1)
    if schema.get("minLength"):
        yield ""
    if "enum" in schema or "format" in schema:
        yield "dragon"


def places(schema: Schema, at: Place = ()) -> Iterator[tuple[Place, Schema]]:
    """Give every field of a body, those within lists as well."""
    for each in kinds(schema):
        for name, told in each.get("properties", {}).items():
            yield (*at, name), told
            yield from places(told, (*at, name))
        if each.get("type") == "array":
            yield from places(each["items"], (*at, 0))


def put(body: Any, at: Place, value: Any) -> Any | None:
    """Give a body with a value at a place; None where the sample has no such place."""
    body = whole = copy.deepcopy(body)
    for step in at[:-1]:
        body = body[step] if isinstance(step, int) else body.get(step)
        if not body:
            return None
    body[at[-1]] = value
    return whole


def bodies() -> Iterator[tuple[str, str, str, Schema]]:
    """Give the routes that take a body of JSON."""
    for path, ways in TOLD["paths"].items():
        for method, each in ways.items():
            content = each.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                yield each["operationId"], method.upper(), path, content["application/json"]["schema"]


def rows() -> dict[str, int]:
    """Count everything there is, but for how often was called."""
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models()
        if model._meta.label != "accounts.Meter" and model._meta.managed
    }


BODIES = {name: (method, path, schema) for name, method, path, schema in bodies()}


def test_every_route_that_takes_something_is_told_with_something_it_takes() -> None:
    assert TAKEN.keys() == BODIES.keys()


@pytest.mark.parametrize("name", BODIES)
def test_a_wrong_value_in_any_field_is_refused_with_a_sentence_and_changes_nothing(
    name: str, program: Program, ids: dict[str, str]
) -> None:
    method, path, schema = BODIES[name]
    address = path.removeprefix(PREFIX).format(**ids)
    before, tried = rows(), 0
    for at, told in places(schema):
        for value in wrong_values(told):
            body = put(TAKEN[name], at, value)
            if body is not None:
                answer = program.call(method, address, body)
                assert answer.status_code == 422, (at, value, answer.content)
                assert all(problem(answer, 422).get("fields", {"": ""}).values()), (at, value)
                assert repr(value) not in answer.content.decode() or len(repr(value)) < 10, "what was sent is not told"
                tried += 1
    for at in {at[:-1] for at, _told in places(schema)}:
        body = put(TAKEN[name], (*at, "surprise"), 1)
        assert body is None or "surprise" in str(problem(program.call(method, address, body), 422)["fields"])
    for text in (b"", b"{", b"[]", b'"x"', b"\xff\xfe", b'{"name": NaN}', b"[" * 3000):
        assert program.call(method, address, text).status_code in {400, 422}, text
    assert tried > 5
    assert rows() == before


@pytest.mark.parametrize(
    "value", [HOSTILE, FORMULA, "\u202egnp.exe", "林" * 50, "'; drop table customers_customer; --"]
)
def test_strange_texts_are_kept_as_they_are_and_harm_nobody(
    value: str, program: Program, owner: Staff, owners_browser: Any
) -> None:
    told = program.post("/customers", {"name": value, "city": value})
    assert (Customer.objects.get().name, told["city"]) == (value, value)
    page = owners_browser.get(f"/customers/{told['id']}/").content.decode()
    assert HOSTILE not in page


def test_every_wrong_word_in_an_address_is_refused_or_not_found(program: Program, ids: dict[str, str]) -> None:
    gone = {word: public_id(value.partition("_")[0], 987_654_321) for word, value in ids.items() if "_id" in word}
    gone["mart"] = "moon"
    before = rows()
    for path, ways in TOLD["paths"].items():
        for wrong in (gone, dict.fromkeys(ids, "x"), dict.fromkeys(ids, "%00"), dict.fromkeys(ids, "9" * 400)):
            for method, each in ways.items():
                if "{" in path and each["operationId"] != "send_import":
                    address = path.removeprefix(PREFIX).format(**{**ids, **wrong})
                    status = program.call(method.upper(), address, TAKEN.get(each["operationId"])).status_code
                    assert status in {404, 422} or each["operationId"] == "untag_customer", (method, address, status)
    assert rows() == before


def test_every_parameter_with_a_wrong_word_never_breaks(program: Program, ids: dict[str, str]) -> None:
    words = ("", "x", "-1", "0", "9" * 40, "%00", "%ed%a0%80", "null", "=1", "2024-13-45", "cus_0000000000000")
    for path, ways in TOLD["paths"].items():
        for each in ways.get("get", {}).get("parameters", ()):
            for word in words if each["in"] == "query" else ():
                address = f"{path.removeprefix(PREFIX).format(**ids)}?{each['name']}={word}"
                assert program.call("GET", address).status_code in {200, 404, 422}, address
    assert program.call("GET", "/customers?surprise=1").status_code == 422


def test_every_route_refuses_the_methods_it_has_not(program: Program, ids: dict[str, str]) -> None:
    before = rows()
    for path, ways in TOLD["paths"].items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - {each.upper() for each in ways}:
            answer = program.call(method, path.removeprefix(PREFIX).format(**ids))
            problem(answer, 405)
            assert answer["Allow"]
    assert rows() == before


def test_every_route_that_is_done_once_says_so() -> None:
    once = {each["operationId"] for _method, each in operations(TOLD) if "Idempotency-Key" in str(each["parameters"])}
    written = {each["operationId"] for method, each in operations(TOLD) if method in {"POST", "PATCH"}}
    assert written - once == {"find_customers"}

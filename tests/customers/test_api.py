"""Customers, identifiers, tags, consents and notes as programs read and write them."""

import datetime as dt
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.customers import by_hand
from guanxi.customers.export import rows as exported
from guanxi.customers.models import Channel, Customer, Note, Score, Tag
from tests.api import MASKED, Program, keyed, problem
from tests.cast import buy, met

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(owner: Staff) -> Program:
    return keyed(owner)


@pytest.fixture
def clear(owner: Staff) -> Program:
    return keyed(owner, *MASKED, "personal:read")


def test_a_customer_is_told_masked_with_what_they_bought(program: Program, loyal: Customer, owner: Staff) -> None:
    loyal.tag_with(Tag.objects.called("白茶"), by=owner)
    told = program.get(f"/customers/{loyal.public_id}")
    assert (told["name"], told["phone"], told["email"], told["masked"]) == ("林**", "183****2807", None, True)
    assert told["bought"] == {
        "orders": 8, "net_minor": 8 * 26_800, "currency": "CNY", "first_on": "2024-04-12", "last_on": "2024-11-08",
    }  # fmt: skip
    assert told["tags"] == ["白茶"]
    assert not AuditEntry.objects.accesses().exists()


def test_a_key_that_may_see_in_the_clear_leaves_its_look_in_the_access_log(clear: Program, loyal: Customer) -> None:
    told = clear.get(f"/customers/{loyal.public_id}")
    assert (told["name"], told["phone"], told["masked"]) == ("林晓", "+8618300002807", False)
    entry = AuditEntry.objects.accesses().get()
    assert (entry.act, entry.subject) == ("customer.revealed", f"customer:{loyal.pk}")
    assert entry.told["changes"] == {"fields": [None, ["email", "name", "phone"]]}
    assert "Shop sync" in entry.told["why"]


def test_a_list_in_the_clear_names_everyone_who_was_seen(clear: Program, loyal: Customer, lapsed: Customer) -> None:
    assert [each["email"] for each in clear.get("/customers")["data"]] == [None, "ada@example.com"]
    entry = AuditEntry.objects.accesses().get()
    assert entry.told["changes"]["customers"] == [None, [loyal.public_id, lapsed.public_id]]


def test_a_list_is_walked_from_page_to_page_without_gaps(program: Program, tea_house: object) -> None:
    wanted = [met(tea_house, key=f"k{n}", name=f"Kim {n}").public_id for n in range(7)]
    found, after = [], ""
    while True:
        page = program.get(f"/customers?limit=3{after}")
        found += [each["id"] for each in page["data"]]
        if not page["next"]:
            break
        after = f"&after={page['next']}"
    assert found == wanted


def test_a_page_costs_the_same_queries_however_many_rows_it_has(program: Program, tea_house: object) -> None:
    def once() -> int:
        with CaptureQueriesContext(connection) as queries:
            program.get("/customers")
        return len(queries)

    def cost() -> int:
        return min(once(), once())  # one of two in a row may take more of those in hand that the key may make

    people = [met(tea_house, key=f"k{n}", name=f"Kim {n}", phone=f"+86183000028{n:02}") for n in range(3)]
    buy(people[0], tea_house, on=dt.date(2024, 1, 1), goods_minor=100)
    few = cost()
    for n in range(10, 30):
        buy(
            met(tea_house, key=f"k{n}", name=f"Kim {n}", phone=f"+86183000028{n}"),
            tea_house,
            on=dt.date(2024, 1, 1),
            goods_minor=100,
        )
    assert cost() == few == 8


def test_one_is_read_and_found_by_few_queries(program: Program, loyal: Customer) -> None:
    program.get("/tags")
    with CaptureQueriesContext(connection) as queries:
        program.get(f"/customers/{loyal.public_id}")
    assert len(queries) == 8, [q["sql"][:90] for q in queries]
    with CaptureQueriesContext(connection) as queries:
        program.post("/customers/lookup", {"kind": "phone", "value": "+8618300002807"})
    assert len(queries) == 8, "a look-up begins no transaction"


def test_many_customers_are_added_in_one_call_and_refused_one_by_one(
    program: Program, loyal: Customer, owner: Staff
) -> None:
    people = [
        {"name": "Kim", "email": "Kim@Example.com"},
        {"name": "林晓", "phone": "+8618300002807"},
        {"name": "Ada", "email": "no address"},
        {"city": "杭州"},
        {"name": "Kim again", "email": "kim@example.com"},
        {"name": "=HYPERLINK(1)", "phone": "+8618300002899"},
    ]
    told = program.post("/customers/batch", {"customers": people}, once="b1")
    assert told["added"] == 2
    assert [bool(each["id"]) for each in told["data"]] == [True, False, False, False, False, True]
    assert [list(each["fields"] or {}) for each in told["data"]] == [[], ["phone"], ["email"], ["body"], ["email"], []]
    kim = Customer.objects.get(name="Kim")
    assert told["data"][0]["id"] == kim.public_id
    assert (kim.sort_name, kim.first_source, kim.created_at.tzinfo is not None) == ("kim", "guanxi", True)
    assert kim.profiles.get().home == kim
    assert kim.events.get().properties == {"by": owner.pk}
    entry = AuditEntry.objects.get(act="customer.added", subject=f"customer:{kim.pk}")
    assert entry.told["changes"] == {"name": [None, "Kim"], "email": [None, "kim@example.com"]}
    assert "Shop sync" in entry.told["why"]
    found = program.post("/customers/lookup", {"kind": "email", "value": "kim@example.com"})["data"]
    assert [each["id"] for each in found] == [kim.public_id]
    assert program.post("/customers/batch", {"customers": people}, once="b1") == told
    assert Customer.objects.count() == 3


def test_a_batch_that_is_too_large_or_of_the_wrong_shape_adds_nobody(program: Program) -> None:
    for wrong in ([], [{"name": f"Kim {n}"} for n in range(201)], [{"name": "Kim"}, {"vip": 1}], [{"name": 5}], "Kim"):
        problem(program.call("POST", "/customers/batch", {"customers": wrong}), 422)
    assert not Customer.objects.exists()


def test_a_batch_of_many_costs_the_statements_of_a_small_one(program: Program) -> None:
    def cost(first: int, many: int) -> int:
        people = [{"name": f"Kim {n}"} for n in range(first, first + many)]
        with CaptureQueriesContext(connection) as queries:
            program.post("/customers/batch", {"customers": people})
        return sum("select" in q["sql"].lower() for q in queries)

    cost(0, 1)
    assert cost(10, 4) == cost(100, 100)


def test_the_list_is_narrowed_by_tag_class_channel_and_days(
    program: Program, loyal: Customer, lapsed: Customer, opted_out: Customer, owner: Staff
) -> None:
    tag = Tag.objects.called("白茶")
    for each in (opted_out, loyal):
        each.tag_with(tag, by=owner)
    lapsed.opt_in(Channel.EMAIL, source="checkout")
    for value, each in ((1.0, loyal), (2.0, lapsed)):
        Score.objects.create(
            customer=each,
            name="rfm",
            value=value,
            label="lost",
            as_of=dt.date(2024, 11, 11),
            scheme_version=1,
            parts={"monetary_minor": 5},
        )
    Customer.objects.filter(pk=loyal.pk).update(created_at=dt.datetime(2023, 5, 1, tzinfo=dt.UTC))

    def ids(query: str) -> list[str]:
        return [each["id"] for each in program.get(f"/customers?{query}")["data"]]

    assert ids(f"tag={tag.public_id}") == [loyal.public_id, opted_out.public_id]
    assert ids(f"tag={tag.public_id}&after={loyal.public_id}") == [opted_out.public_id]
    assert ids("reachable_by=email") == [lapsed.public_id]
    assert ids("rfm_class=lost") == [lapsed.public_id, loyal.public_id]
    assert ids(f"rfm_class=lost&after={lapsed.public_id}") == [loyal.public_id]
    assert ids("created_from=2023-05-01&created_to=2023-05-01") == [loyal.public_id]
    assert ids("created_to=2020-04-30") == []


@pytest.mark.parametrize("query", [
    "tag=tag_1", "rfm_class=golden", "reachable_by=pigeon", "created_from=yesterday", "created_from=2024-02-30",
    "limit=0", "limit=201", "limit=x", "after=cus_1", "after=7", "after=%00", "sort=name", "q=Lin",
    "rfm_class=lost&after=cus_9WDVSQ5ZMMZ0N", "store=moon", "net_from=x", "net_to=1.5",
    "orders_from=9999999999999999999", "last_order_to=never", "city=", "country=%01", "field=taste",
    "field=taste:floral", "field=", "since=7",
])  # fmt: skip
def test_what_a_list_cannot_be_asked_is_refused_with_a_sentence(program: Program, query: str, db: None) -> None:
    assert problem(program.call("GET", f"/customers?{query}"), 422)["fields"]


def test_somebody_is_found_by_any_of_their_identifiers(program: Program, two_identities: Customer) -> None:
    for sought in (
        {"kind": "phone", "value": "139 0000 5566"},
        {"kind": "openid", "value": "oX7-chen"},
    ):
        assert [each["id"] for each in program.post("/customers/lookup", sought)["data"]] == [two_identities.public_id]
    assert program.post("/customers/lookup", {"kind": "phone", "value": "nonsense"}) == {"data": []}
    assert program.post("/customers/lookup", {"kind": "email", "value": "nobody@example.com"}) == {"data": []}


def test_a_customer_is_added_by_the_rules_of_the_page(program: Program, owner: Staff) -> None:
    answer = program.call(
        "POST", "/customers", {"name": "王芳", "phone": "138 0013 8000", "birthday": "1990-02-03", "city": "杭州"}
    )
    told = json.loads(answer.content)
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/customers/{told['id']}"
    added = Customer.objects.get()
    assert (added.name, str(added.birthday), added.city, told["phone"]) == ("王芳", "1990-02-03", "杭州", "138****8000")
    assert added.events.get().name == "Customer Added"
    entry = AuditEntry.objects.get(act="customer.added")
    assert (entry.by_id, entry.told["changes"]["phone"]) == (owner.pk, [None, "+8613800138000"])
    assert "Shop sync" in entry.told["why"]


@pytest.mark.parametrize(("body", "field"), [
    ({}, "body"),
    ({"name": 7}, "name"),
    ({"name": ["x"]}, "name"),
    ({"name": None}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": "a\x00b"}, "name"),
    ({"name": "a\x1b[31m"}, "name"),
    ({"name": "two\nlines"}, "name"),
    ({"name": "half \ud800"}, "name"),
    ({"name": "Lin", "vip": True}, "vip"),
    ({"name": "Lin", "id": 5}, "id"),
    ({"name": "Lin", "phone": "12"}, "phone"),
    ({"name": "Lin", "email": "no address"}, "email"),
    ({"name": "Lin", "gender": "dragon"}, "gender"),
    ({"name": "Lin", "birthday": "1990-02-30"}, "birthday"),
    ({"name": "Lin", "birthday": 86400}, "birthday"),
    ({"name": "Lin", "birthday": "2999-01-01"}, "birthday"),
    ({"name": "Lin", "city": "x" * 101}, "city"),
    ([], "body"),
    ("Lin", "body"),
    (7, "body"),
])  # fmt: skip
def test_bad_input_names_the_field_and_adds_nobody(program: Program, body: object, field: str, db: None) -> None:
    told = problem(program.call("POST", "/customers", body), 422)
    assert field in told["fields"], told
    assert told["fields"][field]
    assert not Customer.objects.exists()
    assert not AuditEntry.objects.exclude(act="apikey.made").exists()


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b'{"name": "\xd8"}', b"[" * 100_000])
def test_what_is_no_json_is_refused(program: Program, body: bytes, db: None) -> None:
    assert program.call("POST", "/customers", body).status_code in {400, 422}
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", '=HYPERLINK("http://x","y")', "{{ 7*7 }}", "'; drop table customers_customer; --"],
)
def test_hostile_text_is_kept_as_text_and_shown_as_text(
    program: Program, owner: Staff, name: str, owners_browser: object
) -> None:
    told = program.post("/customers", {"name": name, "city": name[:100]})
    added = Customer.objects.get()
    assert added.name == name
    page = owners_browser.get(f"/customers/{added.public_id}/").content.decode()
    assert "<script>alert(1)" not in page
    city = next(exported(Customer.objects.all(), reader=owner))[7]
    assert city == name
    assert told["id"] == added.public_id


def test_a_phone_of_somebody_else_is_refused(program: Program, loyal: Customer, lapsed: Customer) -> None:
    told = problem(program.call("POST", "/customers", {"name": "X", "phone": "+8618300002807"}), 422)
    assert "already" in told["fields"]["phone"]
    assert "<a" not in told["fields"]["phone"]
    path = f"/customers/{lapsed.public_id}/identifiers"
    problem(program.call("POST", path, {"kind": "phone", "value": "+8618300002807"}), 422)
    assert Customer.objects.count() == 2


def test_a_correction_touches_what_it_names_alone(program: Program, loyal: Customer) -> None:
    told = json.loads(
        program.call("PATCH", f"/customers/{loyal.public_id}", {"city": "杭州", "gender": "female"}).content
    )
    assert (told["city"], told["gender"], told["name"]) == ("杭州", "female", "林**")
    program.call("PATCH", f"/customers/{loyal.public_id}", {"city": None})
    loyal.refresh_from_db()
    assert (loyal.city, loyal.gender, loyal.name) == ("", "female", "林晓")
    problem(program.call("PATCH", f"/customers/{loyal.public_id}", {"name": ""}), 422)


def test_what_somebody_else_corrected_meanwhile_stays(
    program: Program, loyal: Customer, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    correct = by_hand.correct

    def after_somebody_else(customer: Customer, told: object, **more: object) -> object:
        Customer.objects.filter(pk=customer.pk).update(province="浙江", city="宁波")
        return correct(customer, told, **more)

    monkeypatch.setattr("guanxi.customers.api.by_hand.correct", after_somebody_else)
    assert program.call("PATCH", f"/customers/{loyal.public_id}", {"gender": "female"}).status_code == 200
    loyal.refresh_from_db()
    assert (loyal.gender, loyal.province, loyal.city) == ("female", "浙江", "宁波")
    Customer.objects.filter(pk=loyal.pk).update(city="")
    problem(program.call("PATCH", f"/customers/{loyal.public_id}", {"city": "杭州"}), 409)


def test_a_merged_customer_leads_to_the_survivor(program: Program, loyal: Customer, lapsed: Customer) -> None:
    Customer.objects.filter(pk=lapsed.pk).update(survivor=loyal)
    assert program.get(f"/customers/{lapsed.public_id}")["id"] == loyal.public_id
    assert [each["id"] for each in program.get("/customers")["data"]] == [loyal.public_id]


def test_identifiers_are_listed_masked_and_added(program: Program, clear: Program, loyal: Customer) -> None:
    path = f"/customers/{loyal.public_id}/identifiers"
    added = program.post(path, {"kind": "email", "value": "Lin@Example.com"})["data"]
    assert [(each["kind"], each["value"], each["masked"]) for each in added] == [
        ("phone", "183****2807", True), ("email", "l***@example.com", True),
    ]  # fmt: skip
    assert program.post(path, {"kind": "email", "value": "lin@example.com"})["data"] == added
    assert [each["value"] for each in clear.get(path)["data"]] == ["+8618300002807", "lin@example.com"]
    assert AuditEntry.objects.accesses().get().subject == f"customer:{loyal.pk}"
    problem(program.call("POST", path, {"kind": "openid", "value": "x"}), 422)


def test_tags_are_put_on_and_taken_off(program: Program, loyal: Customer) -> None:
    path = f"/customers/{loyal.public_id}/tags"
    tagged = program.post(path, {"name": "白茶"})["data"]
    assert program.post(path, {"name": "白茶"})["data"] == tagged
    assert program.get("/tags")["data"] == tagged == program.get(path)["data"]
    for _twice in range(2):
        assert program.call("DELETE", f"{path}/{tagged[0]['id']}").status_code == 204
    assert program.get(path)["data"] == []
    assert loyal.events.filter(name="Tag Removed").count() == 1
    problem(program.call("POST", path, {"name": " "}), 422)


def test_a_consent_is_a_place_that_is_filled_and_emptied(program: Program, loyal: Customer) -> None:
    path = f"/customers/{loyal.public_id}/consents"
    place = f"{path}/sms/marketing"
    for _twice in range(2):
        assert program.call("PUT", place, {"source": "checkout", "proof": "box ticked"}).status_code == 200
    (told,) = program.get(path)["data"]
    assert (told["channel"], told["purpose"], told["source"], told["withdrawn_at"]) == (
        "sms",
        "marketing",
        "checkout",
        None,
    )
    assert loyal.consents.get().proven_by == "box ticked"
    for _twice in range(2):
        assert program.call("DELETE", place).status_code == 204
    assert program.get(path)["data"][0]["withdrawn_at"]
    problem(program.call("PUT", place, {"source": "dream"}), 422)
    problem(program.call("PUT", f"{path}/pigeon/marketing", {"source": "checkout"}), 422)


def test_notes_are_written_read_and_taken_back_for_a_while(program: Program, loyal: Customer, lapsed: Customer) -> None:
    path = f"/customers/{loyal.public_id}/notes"
    first, second = (program.post(path, {"text": text})["id"] for text in ("打包要稳", "两行\n也行"))
    assert [each["id"] for each in program.get(f"{path}?limit=1")["data"]] == [second]
    assert [each["id"] for each in program.get(f"{path}?after={second}")["data"]] == [first]
    problem(program.call("DELETE", f"/customers/{lapsed.public_id}/notes/{first}"), 404)
    assert program.call("DELETE", f"{path}/{second}").status_code == 204
    Note.objects.update(written_at=timezone.now() - dt.timedelta(hours=1))
    problem(program.call("DELETE", f"{path}/{first}"), 409)
    assert Note.objects.count() == 1


def test_ids_of_others_and_of_nobody_are_not_found(program: Program, loyal: Customer) -> None:
    note = loyal.public_id.replace("cus_", "nte_")
    for word in ("cus_0000000000001", note, "7", "..%2f", "cus_" + "0" * 400, "%00", "%F0%9F%8D%B5"):
        for method, rest, body in (
            ("GET", "", None), ("PATCH", "", {"city": "X"}), ("GET", "/notes", None), ("POST", "/tags", {"name": "x"}),
            ("PUT", "/consents/sms/marketing", {"source": "staff"}), ("DELETE", "/consents/sms/marketing", None),
        ):  # fmt: skip
            problem(program.call(method, f"/customers/{word}{rest}", body), 404)

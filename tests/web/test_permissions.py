"""The matrix of permissions: every route, method and role, compared with a table that is read and agreed to.

The table stands in `permissions.txt`: a line a route and method, with the letters of those it lets in. Whatever is not
in it is refused to everybody. A route that the table does not know fails; so does a refused call that writes anything.
"""

import ast
import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from guanxi.accounts.models import ApiKey, AuditEntry, Invitation, SavedView, Session, Staff
from guanxi.accounts.roles import FIELDS, KNOWN, Role
from guanxi.catalog.intake import Good, shelve
from guanxi.catalog.models import Product
from guanxi.core.jobs.models import Job, State
from guanxi.customers.models import BulkAct, Channel, Customer, PlainExport, Purpose, Tag, Wording
from guanxi.guard.sealing import seal
from guanxi.identity.graph.relating import relate
from guanxi.identity.merging import merge
from guanxi.identity.models import DuplicatePair
from guanxi.ingest.models import EventSource, Import, Quarantined, Webhook, WebhookDelivery
from guanxi.insight.models import Decision, Goal, MarketingCost
from guanxi.orders.models import Order
from guanxi.pages import commands, home, navigation, panels
from guanxi.privacy.models import Copy, Erasure
from guanxi.shop.models import CalendarEntry, CustomField
from tests.architecture.source import modules, tree
from tests.cast import hired
from tests.identity.people import person
from tests.insight.costs import reading_of
from tests.insight.notebook.books import a_notebook

TABLE = Path(__file__).with_name("permissions.txt")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
LETTERS = {"O": Role.OWNER, "M": Role.MARKETER, "A": Role.AGENT, "N": Role.ANALYST, "C": Role.CLERK}
STRANGER = "S"
EARLY = {"health": "/health", "metrics": "/metrics"}  # answered before any route is looked up, here to this machine
ENDS = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
WRITES = ("INSERT", "UPDATE", "DELETE")

Caller = Callable[[str, str], HttpResponseBase]
Verdicts = dict[tuple[str, str], str]


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route there is, by its name."""
    for entry in (resolver or get_resolver()).url_patterns:
        if getattr(entry, "namespace", None) == "api":
            continue  # programs come in by keys: test_scopes
        if isinstance(entry, URLResolver):
            yield from routes(entry, prefix + (f"{entry.namespace}:" if entry.namespace else ""))
        else:
            yield prefix + str(entry.name), entry


def agreed() -> Verdicts:
    """The table as it was agreed to."""
    lines = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {(name, method): letters for name, method, letters in lines}


def passkey_of(staff: Staff) -> Authenticator:
    """A passkey, as far as its address goes."""
    return Authenticator.objects.create(user=staff, type=Authenticator.Type.WEBAUTHN, data={"name": "Desk"})


def two_made_one(*, by: Staff) -> int:
    """A merge in force."""
    return merge([person(nth).pk for nth in (1, 2)], by=by)[0].pk


def said_of(one: Customer, other: Customer, *, by: Staff) -> int:
    """A relationship."""
    said = relate(one, other, "household", by=by)
    return said.pk if said else 0


def refused_of(source: EventSource) -> Quarantined:
    """A call that could not be taken."""
    told = Quarantined.sealed_of("made-up", 0, b'{"type": "track"}')
    return Quarantined.objects.create(source=source, reason="nobody", kind="track", received_at=ENDS, **told)


@pytest.fixture
def samples(loyal: Customer, owner: Staff) -> dict[str, object]:
    """For every word that routes take, one that leads somewhere."""
    shelve([Good(sku="BC-357", name="寿眉饼", category="白茶", price_minor=26_800, currency="CNY")])
    tag = Tag.objects.called("白茶")
    loyal.tag_with(tag, by=owner)
    Invitation.invite("Lin", role=Role.CLERK, by=owner)
    order = Order.objects.latest("pk")
    order.recipient = seal(
        json.dumps({"recipient_name": "林晓", "address": "杭州市西湖区文三路 90 号"}), Order.place("tea", order.number)
    )
    order.save()
    return {
        "customer_id": loyal.pk,
        "order_id": order.pk,
        "product_id": Product.objects.get().pk,
        "sheet": "sales",
        "level": "province",
        "source_id": (source := EventSource.make("Own shop", namespace="web", by=owner)[1]).pk,
        "quarantined_id": refused_of(source).pk,
        "import_id": Import.objects.create(by=owner, state=Import.State.DONE).pk,
        "tag_id": tag.pk,
        "group_id": tag.group_id,
        "store_id": order.store_id,
        "note_id": loyal.annotate_with("打包要稳", by=owner).pk,
        "consent_id": loyal.opt_in(Channel.EMAIL, source="staff", by=owner).pk,
        "act_id": BulkAct.objects.create(kind=BulkAct.Kind.NOTE, by=owner).pk,
        "view_id": SavedView.keep("customers", "Mine", "class=lost", by=owner).pk,
        "staff_id": hired("kit", "Kit", Role.CLERK).pk,
        "key_id": ApiKey.make("Sync", ["tags:read"], days=1, by=owner)[1].pk,
        "invitation_id": Invitation.objects.get().pk,
        "list_name": "customers",
        "token": "made-up",
        "tag": "orders",
        "channel": Channel.SMS,
        "purpose": Purpose.MARKETING,
        "passkey_id": passkey_of(owner).pk,
        "session_id": Session.objects.create(staff=owner, session_key="made-up", expire_date=ENDS).pk,
        "export_id": PlainExport.ask("", said=[], by=owner, why="call", fields=["phone"], count=9, newest=9).pk,
        "field_id": declared("customer", by=owner).pk,
        "own": declared("order", by=owner).name,
        "wording_id": Wording.write("Yes.", about=("sms", "marketing"), language="en", by=owner).pk,
        "rule": "customers",
        "merge_id": two_made_one(by=owner),
        "rehearsal_id": Job.objects.create(task="guanxi.identity.tasks.rehearse_rules", state=State.DONE, result={}).pk,
        "pair_id": DuplicatePair.objects.create(left=person(5), right=person(6), weight=5.0).pk,
        "other_id": (friend := person(3)).pk,
        "way": "household",
        "relation_id": said_of(loyal, friend, by=owner),
        "erasure_id": Erasure.objects.create(customer=987, reason="asked").pk,
        "webhook_id": (webhook := Webhook.make("https://192.0.2.1/hook", by=owner)).pk,
        "delivery_id": WebhookDelivery.test(webhook).pk,
        "copy_id": Copy.begin(loyal, by=owner).pk,
        "entry_id": a_tea_week(by=owner).pk,
        "given": "double11",
        "digest": "made-up",
        "name": "city",
        "state": "loading",
        "cost_id": a_cost(by=owner).pk,
        "reading_id": reading_of("gate", by=owner).pk,
        "form": "csv",
        "goal_id": a_goal(by=owner).pk,
        "decision_id": Decision.make(dt.date(2026, 11, 16), by=owner, text="Call", owner=owner).pk,
        "notebook_id": (book := a_notebook(by=owner)).pk,
        "number": 1,
        "version": book.version,
        "source": "orders",
        "mart": "customer_rfm",
        "job_id": Job.objects.create(task="guanxi.accounts.tasks.seal_the_trail", state=State.DEAD).pk,
    }


@pytest.fixture
def callers(owner: Staff) -> dict[str, Caller]:
    """Whoever may call, by their letters. Keys of the API have a matrix of their own: test_scopes."""
    staff = {letter: hired(f"caller-{letter}", letter, role) for letter, role in LETTERS.items()}
    sessions = {}
    for letter, each in staff.items():
        client = Client()
        client.force_login(each)
        sessions[letter] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {**{letter: _browser(session) for letter, session in sessions.items()}, STRANGER: _browser("")}


def declared(subject: str, *, by: Staff) -> CustomField:
    told = {"label_en": "Taste", "label_zh": "口味", "kind": "text"}
    return CustomField.declare(subject, "taste", told, by=by)


def a_goal(*, by: Staff) -> Goal:
    first = dt.date(2026, 11, 16)
    return Goal.objects.create(figure="orders", starts_on=first, ends_on=first, target=5, owner=by, by=by)


def a_cost(*, by: Staff) -> MarketingCost:
    day = dt.date(2026, 4, 20)
    return MarketingCost.objects.create(source="ad", starts_on=day, ends_on=day, amount_minor=500, by=by)


def a_tea_week(*, by: Staff) -> CalendarEntry:
    days = {"starts_on": dt.date(2026, 4, 20), "ends_on": dt.date(2026, 4, 26)}
    return CalendarEntry.add({"name_en": "Tea week", "name_zh": "春茶周", "kind": "campaign", **days}, by=by)


def _browser(session: str) -> Caller:
    client = Client(raise_request_exception=False, headers={"Accept-Language": "en"})

    def call(method: str, address: str) -> HttpResponseBase:
        client.cookies.clear()  # a caller brings the session and nothing of the calls before
        if session:
            client.cookies[settings.SESSION_COOKIE_NAME] = session
        return client.generic(method, address, content_type="application/x-www-form-urlencoded")

    return call


def lets_in(answer: HttpResponseBase) -> bool:
    """Tell whether an answer let the caller in, whatever it then said to them."""
    away = answer.status_code in {401, 403, 405}
    return not away and not answer.headers.get("Location", "").startswith(reverse("sign-in") + "?next")


def outcome(call: Caller, method: str, address: str) -> tuple[bool, int, list[str]]:
    """Call, and take back whatever the call did; says whether it was let in, and what it wrote."""
    connection.queries_log.clear()  # it holds 9,000, and a warning is an error
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        answer = call(method, address)
        transaction.set_rollback(True)
    written = [query["sql"] for query in queries if query["sql"].lstrip().upper().startswith(WRITES)]
    return lets_in(answer), answer.status_code, written


def places(samples: dict[str, object]) -> Iterator[tuple[str, str]]:
    """An address for everything that answers."""
    yield from EARLY.items()
    for name, route in routes():
        words = set(route.pattern.converters)
        assert words <= set(samples), f"give {words - set(samples)} of {name} a sample"
        yield name, reverse(name, kwargs={word: samples[word] for word in words})


def test_every_route_stands_in_the_table() -> None:
    known = {name for name, _method in agreed()}
    named = {name for name, _route in routes()} | set(EARLY)
    assert sorted(named - known) == [], "agree on who may call these, in permissions.txt"
    assert sorted(known - named) == [], "these are gone"


def test_whoever_calls_is_let_in_where_the_table_says_so_and_changes_nothing_elsewhere(
    samples: dict[str, object], callers: dict[str, Caller]
) -> None:
    found: Verdicts = {}
    wrong: list[str] = []
    for name, address in places(samples):
        for method in METHODS[: 1 if name in EARLY else None]:
            for letter, call in callers.items():
                let_in, status, written = outcome(call, method, address)
                if let_in:
                    found[name, method] = found.get((name, method), "") + letter
                if status >= 500:
                    wrong.append(f"{method} {name} by {letter} answers {status}")
                if written and not let_in:
                    wrong.append(f"{method} {name} by {letter} was refused and wrote {written[0][:80]}")
    assert wrong == []
    assert found == agreed()


def test_a_record_that_is_not_there_is_not_found_whoever_asks(
    samples: dict[str, object], callers: dict[str, Caller]
) -> None:
    ids = {word for word in samples if word.endswith("_id")}
    for name, route in routes():
        words = set(route.pattern.converters)
        if not words & ids:
            continue
        address = reverse(name, kwargs={word: 987_654_321 if word in ids else samples[word] for word in words})
        statuses = {callers["O"](method, address).status_code for method in ("GET", "POST")} - {405}
        assert statuses <= {404, 302}, f"{name} answers {statuses} for what is not there"


def test_every_permission_that_is_asked_for_is_one_that_can_be_given() -> None:
    asked = set()
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                verb = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
                named = [word.value for word in node.keywords if word.arg == "permission"]
                first = node.args[:1] if verb in {"may", "needs"} else node.args[1:2] if verb == "allowed" else []
                asked |= {each.value for each in (*named, *first) if isinstance(each, ast.Constant) and each.value}
    assert asked
    assert sorted(asked - KNOWN) == []


def test_panels_cards_finders_and_entries_ask_for_permissions_there_are() -> None:
    offered: list[Any] = [
        *panels._panels.values(), *home._cards.values(), *home._queues.values(), *home._headlines.values(),
        *commands._registry.finders.values(), *commands._registry.commands.values(), *navigation._entries.values(),
    ]  # fmt: skip
    assert {each.permission for each in offered if each.permission} <= KNOWN
    assert {f"{field.name}.see" for field in FIELDS} <= KNOWN


def test_what_was_refused_leaves_no_trace_in_the_trail(callers: dict[str, Caller]) -> None:
    before = AuditEntry.objects.count()
    assert callers["C"]("GET", reverse("customers:export-csv")).status_code == 403
    assert AuditEntry.objects.count() == before

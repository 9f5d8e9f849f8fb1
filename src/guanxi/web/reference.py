"""The page that describes the API: every route with what it takes and answers, and how it is called."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from guanxi.accounts.problems import KINDS, SENTENCES
from guanxi.accounts.scopes import SCOPES
from guanxi.pages.components import Tab
from guanxi.web.api import api, description

Told = Mapping[str, Any]
GROUPS: Mapping[str, str | Promise] = {
    "customers": _("Customers"), "identifiers": _("Identifiers"), "tags": _("Tags"), "consents": _("Consents"),
    "notes": _("Notes"), "merges": _("Merges"), "relationships": _("Relationships"),
    "fields": _("The shop's own fields"), "products": _("Products"),
    "orders": _("Orders"), "imports": _("Imports"), "quality": _("Data quality"),
    "webhooks": _("Webhooks"),
    "insight": _("Insight"),
}  # fmt: skip
WALKED = {
    "list_customers",
    "list_tags",
    "list_notes",
    "list_merges",
    "list_products",
    "list_orders",
    "list_imports",
    "list_costs",
    "list_webhooks",
    "list_deliveries",
}
_ORDER = {
    "number": "T-1001", "placed_at": "2024-11-11T20:00:00+08:00", "paid_at": "2024-11-11T20:01:00+08:00",
    "customer_number": "m-7", "lines": [{"sku": "BC-357", "quantity": "2", "unit_price": "134.00"}],
}  # fmt: skip
BEGINNING = {
    "curl": 'curl {root}/api/v1/customers -H "Authorization: Bearer $GUANXI_KEY"',
    "python": (
        'from guanxi.client import Client\n\nclient = Client("{root}", key)\n'
        'for customer in client.walk("/customers"):\n    print(customer["id"], customer["name"])'
    ),
}
EXAMPLES: Mapping[str, Any] = {
    "add_customer": {"name": "林晓", "phone": "+8618300002807", "city": "杭州"},
    "add_customers": {
        "customers": [{"name": "林晓", "phone": "+8618300002807"}, {"name": "Ada", "email": "ada@example.com"}]
    },
    "send_customers": {"store": "tea", "customers": [{"number": "m-7", "name": "林晓", "phone": "+8618300002807"}]},
    "send_orders": {"store": "tea", "orders": [_ORDER]},
    "correct_customer": {"city": "上海"},
    "find_customers": {"kind": "phone", "value": "+8618300002807"},
    "add_identifier": {"kind": "email", "value": "lin@example.com"},
    "tag_customer": {"name": "白茶"},
    "add_webhook": {"url": "https://erp.example/guanxi", "events": ["Order Completed"]},
    "change_webhook": {"is_active": False},
    "merge_customers": {"other": "cus_3RVQKEBZ99Y1A", "evidence": "打电话确认"},
    "add_relationship": {"other": "cus_3RVQKEBZ99Y1A", "kind": "referral"},
    "give_consent": {"source": "checkout", "proof": "2024-11-11"},
    "write_note": {"text": "打包要稳"},
    "enter_costs": {
        "costs": [{"source": "baidu", "starts_on": "2024-11-01", "ends_on": "2024-11-11", "amount_minor": 120_000}]
    },
    "fill_in_order": {"fields": {"gift_wrap": True}},
    "add_product": {"sku": "BC-357", "name": "寿眉饼", "price_minor": 26_800, "currency": "CNY"},
}


@dataclass(frozen=True)
class Value:
    """One parameter or field."""

    name: str
    kind: str
    is_needed: bool
    said: str = ""


@dataclass(frozen=True)
class Way:
    """One route as the page shows it."""

    name: str
    method: str
    path: str
    title: str | Promise
    said: str
    scope: str
    parameters: list[Value]
    body: list[Value]
    curl: str
    python: str


@dataclass(frozen=True)
class Group:
    """The routes about one kind of thing, and their page."""

    tag: str
    title: str | Promise
    ways: list[Way]

    @property
    def href(self) -> str:
        """The page that tells how they are called."""
        return reverse("api-reference-group", args=[self.tag])


@require_GET
def reference(request: HttpRequest) -> HttpResponse:
    """Show how the API is called: the beginning, every route by its title, scopes and errors."""
    told, root = description(), _root(request)
    groups = [Group(tag, title, list(_ways(told, tag, root))) for tag, title in GROUPS.items()]
    problems = [(status, title, SENTENCES.get(status, "")) for status, (_kind, title) in KINDS.items()]
    beginning = {name: text.format(root=root) for name, text in BEGINNING.items()}
    more = {"beginning": beginning, "scopes": SCOPES.values(), "problems": problems}
    return render(request, "web/reference.html", {"groups": groups, **more})


@require_GET
def group(request: HttpRequest, tag: str) -> HttpResponse:
    """Show the routes about one kind of thing, with all they take and an example each; `?call=` opens one."""
    if tag not in GROUPS:
        raise Http404(_("The API has no such part."))
    shown = Group(tag, GROUPS[tag], list(_ways(description(), tag, _root(request))))
    told = {"group": shown, "tabs": list(_tabs(tag)), "opened": request.GET.get("call", "")}
    return render(request, "web/reference_group.html", told)


def _tabs(chosen: str) -> Iterator[Tab]:
    for tag, title in GROUPS.items():
        yield Tab(title, reverse("api-reference-group", args=[tag]), active=tag == chosen)


def _root(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _ways(told: Told, tag: str, root: str) -> Iterator[Way]:
    titles = _titles()
    for path, ways in told["paths"].items():
        for method, each in ways.items():
            if tag in each["tags"]:
                name, body = each["operationId"], _sent(told, each)
                called = {"method": method.upper(), "path": path}
                yield Way(
                    name=name, **called, title=titles[name], said=_said(each.get("description", "")),
                    scope=each["x-scope"], parameters=list(_parameters(told, each)), body=body,
                    **_examples(root, each, **called),
                )  # fmt: skip


def _said(description: str) -> str:
    """Give what a route says of itself in the reader's language."""
    text = " ".join(description.split())
    return gettext(text) if text else ""


def _titles() -> dict[str, str | Promise]:
    """Give the title of each route in the reader's language, which the description has in English alone."""
    found = {}
    for _prefix, router in api._routers:  # noqa: SLF001 - ninja has no other way to its operations
        for view in router.path_operations.values():
            for each in view.operations:
                found[str(each.operation_id)] = (each.openapi_extra or {})["x-title"]
    return found


def _parameters(told: Told, operation: Told) -> Iterator[Value]:
    for each in operation.get("parameters", ()):
        if "$ref" not in each:
            said = _said(each.get("description") or each["schema"].get("description", ""))
            kind = _kind(told, each["schema"]).removesuffix(" | null")  # what an address leaves out is null
            yield Value(each["name"], kind, is_needed=each.get("required", False), said=said)


def _sent(told: Told, operation: Told) -> list[Value]:
    """List the fields of the body."""
    bodies = [each["schema"] for each in operation.get("requestBody", {"content": {}})["content"].values()]
    return list(_fields(told, bodies[0])) if bodies else []


def _fields(told: Told, schema: Told, within: str = "") -> Iterator[Value]:
    """Walk the fields of an object, and of the objects that its lists hold: `orders[].lines[].sku`."""
    schema = _followed(told, schema)
    needed = schema.get("required", ())
    for name, each in schema.get("properties", {}).items():
        said = _said(each.get("description", ""))
        yield Value(within + name, _kind(told, each), is_needed=name in needed, said=said)
        yield from _fields(told, each.get("items", {}), f"{within}{name}[].")


def _followed(told: Told, schema: Told) -> Told:
    found: Told = told["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return found


def _kind(told: Told, schema: Told) -> str:
    """Name the type of a value; one of a few is named by what they are."""
    schema = _followed(told, schema)
    if "anyOf" in schema:
        return " | ".join(_kind(told, each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(json.dumps(each) for each in schema["enum"])
    if schema.get("type") == "array":
        return f"{schema['items'].get('$ref', '').rpartition('/')[2] or _kind(told, schema['items'])}[]"
    return str(schema.get("format") or schema.get("type", ""))


def _examples(root: str, operation: Told, *, method: str, path: str) -> dict[str, str]:
    """Write how a route is called from a shell and from Python."""
    place, name = _placed(operation, path), operation["operationId"]
    body = EXAMPLES.get(name)
    lines = [f"curl -X {method} {root}{place}", '-H "Authorization: Bearer $GUANXI_KEY"']
    if "Idempotency-Key" in str(operation.get("parameters")):
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if body:
        lines += ['-H "Content-Type: application/json"', f"-d '{json.dumps(body, ensure_ascii=False)}'"]
    if name == "send_import":
        lines += ["-F file=@orders.csv", "-F subject=orders"]
    return {"curl": " \\\n  ".join(lines), "python": _python(method, place.removeprefix("/api/v1"), name, body)}


def _python(method: str, place: str, name: str, body: Any) -> str:
    if name == "send_import":
        return 'client.send_file("/imports", "orders.csv", subject="orders")'
    if name in WALKED:
        return f'for each in client.walk("{place}"):\n    print(each["id"])'
    return f'client.{method.lower()}("{place}"{", " + repr(body) if body else ""})'


def _placed(operation: Told, path: str) -> str:
    """Fill an address with the examples of its ids."""
    for each in operation.get("parameters", ()):
        if each.get("in") == "path":
            enum = {
                "mart": "customer_rfm", "channel": "email", "purpose": "marketing", "kind": "household", "number": "1",
            }  # fmt: skip
            path = path.replace("{" + each["name"] + "}", str(each["schema"].get("example") or enum[each["name"]]))
    return path

"""The API: what each context offers, under one address, with one description of all of it."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import URLPattern, URLResolver
from django.utils import translation
from django.views.decorators.http import require_GET
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from guanxi.accounts.gate import BODY_BYTES, key_of
from guanxi.accounts.problems import KINDS, TYPE, answer_to
from guanxi.accounts.scopes import SCOPES

VERSION = "1.0.0"
PREFIX = "/api/v1"
MODULES = (
    "customers.api_batch", "customers.api", "customers.api_identifiers", "customers.api_tags", "customers.api_consents",
    "customers.api_notes", "identity.api", "identity.api_relations", "identity.quality.api", "shop.api", "catalog.api",
    "orders.api",
    "insight.recommendation.api", "insight.lookalike.api",
    "ingest.api_orders", "ingest.api_people", "ingest.api",
    "ingest.webhooks.api",
    "insight.api", "insight.api_value", "insight.api_retention", "insight.api_channels", "insight.api_marts",
    "insight.api_trials",
    "insight.api_notebooks",
    "insight.api_forecast",
    "insight.api_churn",
    "insight.api_classes", "insight.api_goals",
    "insight.assortment.api", "insight.geography.api",
)  # fmt: skip
RATES = ("RateLimit", "RateLimit-Policy")
REFUSALS = (400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503)
DESCRIPTION = """What programs may read and write of a shop.

A key is sent as `Authorization: Bearer gxk_…`; an owner makes it under Settings → API keys. Lists are walked by the
`next` of each page, sent as `after`. What is sent again under the same `Idempotency-Key` is answered the same and done
once. Every error is `application/problem+json` with a sentence that says what to do."""


def _mounted() -> NinjaAPI:
    mounted = NinjaAPI(
        title="Guanxi", version=VERSION, description=DESCRIPTION, urls_namespace="api", auth=key_of,
        openapi_url=None, docs_url=None,
    )  # fmt: skip
    modules = [import_module(f"guanxi.{name}") for name in MODULES]  # all of them, before a router is mounted
    for router in dict.fromkeys(module.router for module in modules):
        mounted.add_router("", router)
    for kind in (Exception, Http404, HttpError, ValidationError):
        mounted.add_exception_handler(kind, cast(Any, answer_to))
    return mounted


api = _mounted()


def urls() -> tuple[list[URLPattern | URLResolver], str, str]:
    """Give the routes. They ask for a key instead of a session, and of it the gate asks."""
    patterns, app, namespace = api.urls
    named: dict[str | None, URLPattern] = {}  # ninja gives a route once for each of its methods
    for each in patterns:
        if isinstance(each, URLPattern) and each.name != "api-root":
            login_not_required(each.callback)
            named.setdefault(each.name, each)
    return list(named.values()), app, namespace


@login_not_required
@require_GET
def openapi(_request: HttpRequest) -> JsonResponse:
    """Give the description of the API to whoever asks: it holds nobody's data."""
    return JsonResponse(description(), json_dumps_params={"ensure_ascii": False})


@cache
def description() -> dict[str, Any]:
    """Describe the API in OpenAPI 3.1, in English."""
    with translation.override("en"):
        told: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=PREFIX))
        told["servers"] = [{"url": "/"}]
        for _method, operation in operations(told):
            _complete(operation)
    told["components"].update(_components())
    told["components"]["schemas"]["Problem"] = _problem()
    return told


def operations(told: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every operation of a description with its method."""
    for ways in told["paths"].values():
        for method, operation in ways.items():
            yield method.upper(), operation


def _complete(operation: dict[str, Any]) -> None:
    """Add what the gate does to every operation: its key, its errors, its headers."""
    operation["summary"] = str(operation.pop("x-title"))
    operation["security"] = [{"key": [operation["x-scope"]]}]
    answers = {int(status): answer for status, answer in operation["responses"].items()}
    for answer in answers.values():
        answer["headers"] = {
            name: {"$ref": f"#/components/headers/{name}"} for name in ("RateLimit", "RateLimit-Policy")
        }
    operation["responses"] = {str(status): answer for status, answer in answers.items()} | {
        str(status): {"$ref": f"#/components/responses/{KINDS[status][0]}"} for status in REFUSALS
    }
    if operation.pop("x-once"):
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/Idempotency-Key"})


def _components() -> dict[str, Any]:
    with translation.override("en"):
        problem = {"$ref": "#/components/schemas/Problem"}
        answers = {
            KINDS[status][0]: {"description": str(KINDS[status][1]), "content": {TYPE: {"schema": problem}}}
            for status in REFUSALS
        }
        scopes = "\n".join(f"* `{each.name}`: {each.title}" for each in SCOPES.values())
    answers["too-many-calls"]["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return {
        "responses": answers,
        "headers": {
            "RateLimit": {"description": "Calls left, and seconds until there are more.", "schema": {"type": "string"}},
            "RateLimit-Policy": {"description": "Calls in so many seconds.", "schema": {"type": "string"}},
        },
        "parameters": {"Idempotency-Key": _word()},
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": f"Scopes:\n\n{scopes}"}},
    }


def _word() -> dict[str, Any]:
    said = f"A word of your own, such as a UUID, kept for two days. Bodies are at most {BODY_BYTES} bytes."
    schema = {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$"}
    return {"name": "Idempotency-Key", "in": "header", "required": False, "description": said, "schema": schema}


def _problem() -> dict[str, Any]:
    text = {"type": "string"}
    fields = {"type": "object", "additionalProperties": text, "description": "What is wrong with each field."}
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {"type": text, "title": text, "status": {"type": "integer"}, "detail": text, "fields": fields},
    }

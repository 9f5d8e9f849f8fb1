"""The API called with whatever its description allows and forbids, by a program that makes it up."""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from guanxi.accounts.models import ApiKey, Staff
from guanxi.accounts.scopes import SCOPES
from guanxi.catalog.intake import Good, shelve
from guanxi.catalog.models import Product
from guanxi.customers.models import Customer, Tag
from guanxi.ingest.models import Import
from guanxi.orders.models import Order
from guanxi.web.api import description

EXAMPLES = 200 if os.environ.get("GUANXI_TORTURE") else 4
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    negative_data_rejection,
]  # fmt: skip
OPERATIONS = [
    (method.upper(), path)
    for path, ways in description()["paths"].items()
    for method in ways
    if (method, path) != ("post", "/api/v1/imports")  # a form with a file: test_api sends those
]


@pytest.fixture
def known(loyal: Customer, owner: Staff) -> dict[str, str]:
    """For every id of an address, one that leads somewhere."""
    shelve([Good(sku="BC-357", name="寿眉饼", price_minor=26_800, currency="CNY")])
    return {
        "customer_id": loyal.public_id,
        "order_id": Order.objects.latest("pk").public_id,
        "product_id": Product.objects.get().public_id,
        "import_id": Import.objects.create(by=owner, state=Import.State.DONE).public_id,
        "tag_id": Tag.objects.called("白茶").public_id,
        "note_id": loyal.annotate_with("打包要稳", by=owner).public_id,
    }


@pytest.fixture
def connection_stays() -> Iterator[None]:
    """Keep the connection of the test, which the server would close after each request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.hypothesis
@pytest.mark.usefixtures("connection_stays")
@pytest.mark.django_db
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_every_answer_is_one_that_the_description_knows(
    method: str, path: str, known: dict[str, str], owner: Staff
) -> None:
    secret, _key = ApiKey.make("Tester", list(SCOPES), days=1, by=owner, per_minute=60_000)
    schema = schemathesis.openapi.from_dict(description())
    schema.app = get_wsgi_application()
    operation = schema[path][method]

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate], derandomize=EXAMPLES < 10,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy() | operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE))
    def call(case: Any) -> None:
        if case.path_parameters and case.meta and case.meta.generation.mode.is_positive:
            case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
        with transaction.atomic():
            answer = case.call(headers={"Authorization": f"Bearer {secret}"})
            transaction.set_rollback(True)
        case.validate_response(answer, checks=CHECKS if _whole(case, answer.request.url) else CHECKS[:-1])

    call()


def _whole(case: Any, url: str) -> bool:
    """Tell whether all that was made up was sent as it is: a list of one leaves a right value, an empty one nothing."""
    asked = dict(case.query or {})
    sent = parse_qs(urlsplit(url).query, keep_blank_values=True)
    return asked.keys() <= sent.keys() and not any(isinstance(value, (list, dict)) for value in asked.values())

"""The owner at a browser."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import translation

from guanxi.accounts.models import Staff


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def owners_browser(owner: Staff) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(owner)
    return client

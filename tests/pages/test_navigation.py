"""The tree shows what exists and what the reader may use, and nothing else."""

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from guanxi.pages import navigation
from guanxi.pages.navigation import Entry
from tests.pages.conftest import Reader

pytestmark = pytest.mark.usefixtures("empty_tree")


def customers(**changes: object) -> Entry:
    given = {"group": "customers", "name": "customers", "title": "All customers", "url_name": "pages:gallery"}
    return Entry(**{**given, **changes})  # type: ignore[arg-type]


def test_groups_keep_their_order_whoever_registers_first(asked: HttpRequest) -> None:
    navigation.register(Entry("data", "imports", "Imports", "pages:theme"))
    navigation.register(customers())
    assert [branch.link.name for branch in navigation.tree(asked)] == ["customers", "data"]


def test_the_group_of_the_page_is_open_and_the_others_are_closed(asked: HttpRequest) -> None:
    navigation.register(customers())
    navigation.register(customers(name="segments", title="Segments", url_name="pages:language"))
    navigation.register(Entry("data", "imports", "Imports", "pages:theme"))
    first, second = navigation.tree(asked)
    assert [(link.name, link.active) for link in first.pages] == [("customers", True), ("segments", False)]
    assert not second.pages


def test_what_a_role_may_not_use_is_absent(rf: RequestFactory, clerk: Reader) -> None:
    navigation.register(customers(permission="customers.view"))
    navigation.register(Entry("data", "imports", "Imports", "pages:theme", permission="imports.run"))
    request = rf.get("/")
    request.user = clerk  # type: ignore[assignment]
    assert [branch.link.name for branch in navigation.tree(request)] == ["data"]


def test_a_page_that_is_not_built_has_no_entry(asked: HttpRequest) -> None:
    navigation.register(customers(url_name="nowhere:at-all"))
    assert navigation.tree(asked) == []


def test_an_unknown_group_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="no group"):
        navigation.register(Entry("reports", "x", "X", "pages:theme"))


def test_a_closed_group_shows_only_what_is_about_to_breach(asked: HttpRequest) -> None:
    navigation.register(Entry("service", "inbox", "Inbox", "pages:theme", count=lambda _: 3, hot=True))
    navigation.register(Entry("service", "tickets", "Tickets", "pages:change", count=lambda _: 24))
    (branch,) = navigation.tree(asked)
    assert (branch.link.count, branch.link.hot) == (3, True)


def test_the_phone_has_room_for_four_places(asked: HttpRequest) -> None:
    for order, name in enumerate(("imports", "stock", "orders")):
        navigation.register(Entry("data", name, name, "pages:theme", order=order))
    navigation.register(customers())
    navigation.register(Entry("home", "home", "Home", "pages:change"))
    places = navigation.places(asked, navigation.tree(asked))
    assert [link.name for link in places] == ["home", "customers", "orders", "stock"]
    assert [link.active for link in places] == [False, True, False, False]


def test_a_clerk_gets_orders_stock_and_imports_in_the_middle(rf: RequestFactory, clerk: Reader) -> None:
    navigation.register(Entry("home", "home", "Home", "pages:change"))
    navigation.register(customers())
    navigation.register(Entry("service", "inbox", "Inbox", "pages:theme", permission="service.view"))
    for name in ("imports", "stock", "orders"):
        navigation.register(Entry("data", name, name, "pages:theme"))
    request = rf.get("/")
    request.user = clerk  # type: ignore[assignment]
    places = navigation.places(request, navigation.tree(request))
    assert [link.name for link in places] == ["home", "orders", "stock", "imports"]

"""What contexts register for the home page reaches whom it is for, in the order they read it."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import RequestFactory

from guanxi.pages import home
from guanxi.pages.components import Metric


@dataclass
class Reader:
    """Whoever looks."""

    role: str = "owner"
    permissions: set[str] = field(default_factory=set)
    is_authenticated: bool = True

    def may(self, permission: str) -> bool:
        return permission in self.permissions


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_cards", "_figures", "_queues", "_headlines"):
        monkeypatch.setattr(home, name, {})


def asked(**given: Any) -> Any:
    request = RequestFactory().get("/")
    request.user = Reader(**given)  # type: ignore[assignment]  # a reader is enough
    return request


def card(name: str, **given: Any) -> home.Card:
    return home.Card(name=name, title=name, url_name="home", **given)


def waiting(title: str, **given: Any) -> home.Queue:
    work = home.Waiting(title=title, reason="", verb="Go", href="/", icon="bell", **given)
    return home.Queue(name=title, look=lambda _request: work)


def names(request: Any) -> list[str]:
    return [each.name for each in home.cards(request)]


def test_cards_come_in_their_order_and_a_role_reads_its_own_first() -> None:
    home.register(card("sales", order=30), card("metrics", order=10), card("queues", order=20, first_for=("agent",)))
    assert names(asked()) == ["metrics", "queues", "sales"]
    assert names(asked(role="agent")) == ["queues", "metrics", "sales"]


def test_a_card_for_the_clerk_is_absent_for_everyone_else() -> None:
    home.register(card("to-ship", roles=("clerk",)))
    assert names(asked(role="clerk")) == ["to-ship"]
    assert names(asked()) == []


def test_what_a_role_may_not_see_is_not_even_asked() -> None:
    def refused(_request: Any) -> Any:
        raise AssertionError("asked without permission")

    home.register(
        card("sales", permission="insight.view"),
        home.Figures(name="trade", read=refused, permission="insight.view"),
        home.Queue(name="cooling", look=refused, permission="insight.view"),
        home.Headline(name="trade", tell=refused, permission="insight.view"),
    )
    request = asked(role="agent")
    assert (home.cards(request), home.metrics(request), home.waiting(request)) == ([], [], [])
    assert home.sentence(request) is None


def test_work_comes_by_what_waiting_costs_and_what_breaches_before_all() -> None:
    home.register(waiting("cheap", loss_minor=1), waiting("dear", loss_minor=9), waiting("late", breach=True))
    home.register(home.Queue(name="idle", look=lambda _request: None))
    assert [each.title for each in home.waiting(asked())] == ["late", "dear", "cheap"]


def test_at_most_six_kinds_of_work_are_shown() -> None:
    home.register(*(waiting(str(nth), loss_minor=nth) for nth in range(8)))
    assert [each.title for each in home.waiting(asked())] == ["7", "6", "5", "4", "3", "2"]


def test_the_sentence_of_most_weight_opens_the_page() -> None:
    said = [home.Said(text=name, weight=weight) for name, weight in (("trade", 0.3), ("service", 0.8), ("stock", 0.1))]
    home.register(
        *(home.Headline(name=each.text, tell=lambda _request, each=each: each) for each in said),
        home.Headline(name="silent", tell=lambda _request: None),
    )
    assert home.sentence(asked()) == said[1]


def test_metrics_of_several_contexts_stand_in_their_order() -> None:
    home.register(
        home.Figures(name="campaigns", order=20, read=lambda _request: [Metric("Profit", "9")]),
        home.Figures(name="trade", order=10, read=lambda _request: [Metric("Net sales", "1"), Metric("Orders", "2")]),
    )
    assert [metric.label for metric in home.metrics(asked())] == ["Net sales", "Orders", "Profit"]

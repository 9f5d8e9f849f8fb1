"""The pages of sources and of quarantine, as an owner and an analyst walk them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.accounts.roles import Role
from guanxi.ingest.models import EventSource, Quarantined, WriteKey
from guanxi.orders.models import Store
from guanxi.pages import shell
from tests.cast import hired
from tests.ingest.collection.conftest import Sends

pytestmark = pytest.mark.django_db
VIEWED = {
    "type": "track",
    "event": "Product Viewed",
    "anonymousId": "b1",
    "properties": {"sku": "T1", "email": "x@y.cn"},
}
NEW = {
    "name": "Tea app",
    "namespace": "",
    "store": "",
    "origins": "shop.example\nhttp://localhost:3000/",
    "per_second": 50,
}


@pytest.fixture
def desk(client: Client, owner: Staff, monkeypatch: pytest.MonkeyPatch) -> Client:
    for name in ("_shop", "_as_of"):  # a shell that asks for nothing, so that a page's own queries are counted
        monkeypatch.setattr(shell, name, None)
    client.force_login(owner)
    return client


@pytest.fixture
def analyst(desk: Client) -> Client:
    reader = Client()
    reader.force_login(hired("nia", "Nia", Role.ANALYST))
    return reader


def text(desk: Client, name: str, *args: Any, query: str = "") -> str:
    answer = desk.get(reverse(name, args=args) + query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_source_is_made_shown_changed_and_retired(desk: Client, owner: Staff) -> None:
    assert "Nothing sends events yet." in text(desk, "event-sources")
    made = desk.post(reverse("event-source-new"), NEW)
    app = EventSource.objects.get()
    secret = WriteKey.objects.get().secret
    assert secret in made.content.decode()
    assert "no-store" in made.headers["Cache-Control"]
    assert (app.namespace, app.origins) == ("tea-app", ["https://shop.example", "http://localhost:3000"])
    assert secret not in text(desk, "event-source", app.pk)
    assert secret in desk.post(reverse("event-source-key", args=[app.pk])).content.decode()
    changed = {**NEW, "per_second": 70, "store": Store.objects.create(code="tea", name="Tea").pk}
    assert desk.post(reverse("event-source-edit", args=[app.pk]), changed).status_code == 302
    new = desk.post(reverse("event-source-rotation", args=[app.pk])).content.decode()
    assert secret not in new
    assert "for one more day" in new
    desk.post(reverse("event-source-retirement", args=[app.pk]))
    app.refresh_from_db()
    assert (app.per_second, app.store.name, app.is_in_use, WriteKey.objects.in_force().count()) == (70, "Tea", False, 0)
    assert desk.post(reverse("event-source-rotation", args=[app.pk])).status_code == 302
    acts = list(AuditEntry.objects.filter(act__startswith="eventsource").order_by("pk").values_list("act", flat=True))
    assert [act.partition(".")[2] for act in acts] == ["made", "key_shown", "changed", "rotated", "retired"]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", "Own shop"),
        ("namespace", "Mein Laden"),
        ("origins", "https://shop.example/path"),
        ("origins", "*"),
        ("origins", "ftp://shop.example"),
        ("origins", "https://shop.example:99999"),
        ("origins", "\n".join(f"https://s{nth}.example" for nth in range(51))),
        ("per_second", "0"),
        ("per_second", "many"),
    ],
)
def test_a_form_with_a_mistake_keeps_what_was_typed(desk: Client, web: EventSource, field: str, typed: str) -> None:
    answer = desk.post(reverse("event-source-new"), {**NEW, field: typed})
    assert (answer.status_code, EventSource.objects.count()) == (422, 1)
    assert field in answer.context["form"].errors
    assert typed.split("\n", maxsplit=1)[0] in answer.content.decode()


def test_what_arrives_is_seen_without_whom_it_names(desk: Client, web: EventSource, sends: Sends) -> None:
    traits = {"name": "Ada Byron", "email": "ada@example.com"}
    sends(
        VIEWED, {"type": "identify", "userId": "u1", "traits": traits}, {"type": "page", "userId": "u1", "name": "Cart"}
    )
    live = text(desk, "event-source-live", web.pk)
    assert 'hx-trigger="every 3s"' in live
    assert all(word in live for word in ("Product Viewed", "Page Viewed", "A device", "T1"))
    assert not any(word in live for word in ("Byron", "ada@", "x@y.cn"))
    assert "every 3s" not in text(desk, "event-source-live", web.pk, query="?paused=1")
    page = text(desk, "event-source", web.pk)
    assert "2 events in 24 hours" in page
    assert '<dt class="gx-num">email</dt>' in page


def test_an_analyst_sees_sources_and_no_key(analyst: Client, web: EventSource, sends: Sends) -> None:
    sends(VIEWED, {"type": "nothing"})
    page = text(analyst, "event-source", web.pk)
    assert "Show it, and how to send" not in page
    assert reverse("event-source-edit", args=[web.pk]) not in page
    call = Quarantined.objects.get()
    assert reverse("quarantine-chosen") not in text(analyst, "quarantined", call.pk)
    assert 'name="pick"' not in text(analyst, "quarantine")


def test_the_pages_ask_as_much_for_many_as_for_few(
    desk: Client, web: EventSource, sends: Sends, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def asked(name: str, *args: Any) -> int:
        desk.get(reverse(name, args=args))
        with django_assert_num_queries(FEW[name]):
            desk.get(reverse(name, args=args))
        return FEW[name]

    for many in (1, 20):
        for nth in range(many):
            EventSource.make(f"Other {many}-{nth}", namespace="web", by=None)
            user = {"userId": f"u{nth}"}
            sends({**VIEWED, **user, "event": f"E{nth}"}, {"type": "identify", **user}, {"type": "track", **user})
        for name in ("event-sources", "quarantine"):
            asked(name)
        asked("event-source", web.pk)


FEW = {"event-sources": 6, "event-source": 13, "quarantine": 7}


def test_quarantine_is_narrowed_by_reason_and_searched_by_name(desk: Client, sends: Sends) -> None:
    assert "Nothing is in quarantine." in text(desk, "quarantine")
    sends({"type": "track", "event": "Quiz Finished"}, {"type": "track", "anonymousId": "b"}, {"type": "nothing"})
    page = text(desk, "quarantine")
    assert all(told in page for told in ("Quiz Finished", "It names nobody", "Names nobody", "Unknown type"))
    assert "Quiz Finished" not in text(desk, "quarantine", query="?reason=bad_kind")
    assert "Quiz Finished" in text(desk, "quarantine", query="?q=quiz")
    assert "Quiz Finished" not in text(desk, "quarantine", query="?q=nobody+of+this+name")


def test_what_was_chosen_is_tried_again_or_dropped_once_it_was_agreed_to(desk: Client, sends: Sends) -> None:
    sends({"type": "track", "event": "Quiz Finished"}, {"type": "track", "anonymousId": "b"}, {"type": "nothing"})
    chosen, one = reverse("quarantine-chosen"), Quarantined.objects.earliest("pk")
    answer = desk.post(chosen, {"verb": "retry", "pick": one.public_id}, follow=True)
    assert "1 call was refused again and stays." in answer.content.decode()
    asked = desk.post(f"{chosen}?reason=bad_kind", {"verb": "drop", "all": "1"})
    assert "Drop 1 call for good?" in asked.content.decode()
    assert Quarantined.objects.count() == 3
    done = desk.post(f"{chosen}?reason=bad_kind", {"verb": "drop", "all": "1", "sure": "1"}, follow=True)
    assert "1 call was dropped." in done.content.decode()
    assert Quarantined.objects.count() == 2
    desk.post(chosen, {"verb": "drop", "pick": ["qua_nothing"], "sure": "1"})
    assert Quarantined.objects.count() == 2


def test_what_was_sent_is_shown_for_a_reason_and_written_down(desk: Client, analyst: Client, sends: Sends) -> None:
    sends({"type": "track", "event": "Quiz Finished", "properties": {"note": "canary"}})
    call = Quarantined.objects.get()
    assert "canary" not in text(desk, "quarantined", call.pk)
    asked = reverse("quarantined-reveal", args=[call.pk])
    assert analyst.get(asked).status_code == 403
    assert "canary" not in desk.get(asked).content.decode()
    assert desk.post(asked, {"reason": "other", "words": ""}).status_code == 422
    shown = desk.post(asked, {"reason": "service", "words": ""})
    assert "canary" in shown.content.decode()
    assert AuditEntry.objects.accesses().get().act == "quarantined.revealed"


def test_a_bookmarked_key_leads_to_its_source_and_shows_nothing(desk: Client, web: EventSource) -> None:
    written = AuditEntry.objects.count()
    for name in ("event-source-key", "event-source-rotation"):
        answer = desk.get(reverse(name, args=[web.pk]))
        assert (answer.status_code, answer["Location"]) == (302, reverse("event-source", args=[web.pk]))
    assert (web.keys.count(), AuditEntry.objects.count()) == (1, written)

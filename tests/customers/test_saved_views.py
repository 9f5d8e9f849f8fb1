"""Views of lists and columns: kept by whom, seen by whom, and taken back."""

import pytest
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import ChosenColumns, SavedView, Staff, TooManyViews, saved_view
from guanxi.customers.models import Customer

LIST = "/customers/"


@pytest.fixture
def agents_browser(agent: Staff) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(agent)
    return client


def keep(browser: Client, **told: str) -> int:
    sent = {"name": "Big", "query": "net=1000..&after=cus_1&from=51&q=Ada", "next": LIST, **told}
    return browser.post(reverse("list-views", args=["customers"]), sent).status_code


def titles(browser: Client, query: str = "") -> list[tuple[str, bool]]:
    """The tabs of the list, and which of them is active."""
    return [(str(tab.title), tab.active) for tab in browser.get(f"{LIST}?{query}").context["shelf"].tabs]


def test_a_view_keeps_what_is_shown_but_neither_the_page_nor_who_was_looked_for(
    owners_browser: Client, loyal: Customer
) -> None:
    assert keep(owners_browser) == 302
    assert SavedView.objects.get().query == "net=1000.."
    assert titles(owners_browser, "net=1000..&after=x&from=51") == [("All", False), ("Big", True)]
    assert titles(owners_browser) == [("All", True), ("Big", False)]
    assert owners_browser.get(f"{LIST}?net=1000..&count=1").content == b"1"


def test_only_what_no_view_shows_can_be_saved(owners_browser: Client, loyal: Customer) -> None:
    assert not owners_browser.get(LIST).context["shelf"].savable
    assert owners_browser.get(f"{LIST}?net=1000..").context["shelf"].savable
    keep(owners_browser)
    assert not owners_browser.get(f"{LIST}?net=1000..").context["shelf"].savable


def test_a_second_view_of_the_same_name_takes_the_place_of_the_first(owners_browser: Client) -> None:
    keep(owners_browser)
    keep(owners_browser, query="class=lost")
    assert [view.query for view in SavedView.objects.all()] == ["class=lost"]


def test_others_see_a_view_only_where_it_is_shared_and_never_change_it(
    owners_browser: Client, agents_browser: Client, owner: Staff, loyal: Customer
) -> None:
    keep(owners_browser)
    assert ("Big", False) not in titles(agents_browser)
    keep(owners_browser, is_shared="on")
    assert ("Big", False) in titles(agents_browser)
    assert agents_browser.get(f"{LIST}?net=1000..").context["shelf"].mine is None
    view = SavedView.objects.get()
    for address in (view.url, view.deletion_url, reverse("list-view-return", args=[view.pk])):
        assert agents_browser.post(address, {"name": "Mine"}).status_code == 404
    view.refresh_from_db()
    assert (view.name, view.deleted_at) == ("Big", None)


def test_a_view_is_renamed_unless_another_bears_the_name(owners_browser: Client) -> None:
    keep(owners_browser)
    keep(owners_browser, name="Small", query="net=..10")
    view = SavedView.objects.get(name="Big")
    answer = owners_browser.post(view.url, {"name": "Small", "next": LIST})
    assert answer.status_code == 422
    assert "You have a view of that name." in answer.content.decode()
    assert owners_browser.post(view.url, {"name": "Huge", "next": LIST}).headers["Location"] == f"{LIST}?net=1000.."
    assert {view.name for view in SavedView.objects.all()} == {"Huge", "Small"}


def test_a_view_that_was_deleted_comes_back_unless_its_name_is_taken(owners_browser: Client) -> None:
    keep(owners_browser)
    view = SavedView.objects.get()
    owners_browser.post(view.deletion_url, {"next": LIST})
    assert titles(owners_browser) == [("All", True)]
    keep(owners_browser, query="class=lost")
    owners_browser.post(reverse("list-view-return", args=[view.pk]), {"next": LIST})
    assert [each.query for each in SavedView.objects.standing()] == ["class=lost"]
    SavedView.objects.standing().get().delete()
    owners_browser.post(reverse("list-view-return", args=[view.pk]), {"next": LIST})
    assert [each.query for each in SavedView.objects.standing()] == ["net=1000.."]


@pytest.mark.parametrize("name", ["", " ", "x" * 41, "a\0b"])
def test_a_name_that_is_none_is_asked_for_again(owners_browser: Client, name: str) -> None:
    assert keep(owners_browser, name=name) == 422
    assert not SavedView.objects.exists()


def test_a_name_is_text_and_a_query_never_leads_away(owners_browser: Client, loyal: Customer) -> None:
    keep(owners_browser, name="<script>alert(1)</script>", query="//evil.example/?x=1", next="https://evil.example/")
    assert "<script>alert" not in owners_browser.get(LIST).content.decode()
    view = SavedView.objects.get()
    assert owners_browser.post(view.deletion_url, {"next": "https://evil.example/"}).headers["Location"] == "/"


def test_nobody_keeps_more_views_than_tabs_can_show(owner: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_view, "MOST_VIEWS", 2)
    for name in ("one", "two", "two"):
        SavedView.keep("customers", name, "class=lost", by=owner)
    with pytest.raises(TooManyViews, match="holds 2 views"):
        SavedView.keep("customers", "three", "class=lost", by=owner)


def test_columns_are_the_readers_own(owners_browser: Client, agents_browser: Client, loyal: Customer) -> None:
    address = reverse("list-columns", args=["customers"])
    owners_browser.post(address, {"column": ["place", "nonsense", "class"], "next": LIST})
    assert owners_browser.get(LIST).context["listing"].columns == ["customer", "place", "class"]
    assert len(agents_browser.get(LIST).context["listing"].columns) == 8
    owners_browser.post(address, {"column": ["place"], "reset": "1", "next": LIST})
    assert not ChosenColumns.objects.exists()
    assert owners_browser.get(LIST).status_code == 200


def test_two_ends_of_a_range_become_one_address(owners_browser: Client) -> None:
    answer = owners_browser.get(f"{LIST}?class=lost&net_from=5000&net_to=100")
    assert answer.headers["Location"] == f"{LIST}?class=lost&net=100..5000"

"""The list of customers: who stands on top, who is found, and what a page costs."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from guanxi.accounts.models import Staff
from guanxi.customers import by_hand, classes, ranking, roster, views
from guanxi.customers.finding import matching
from guanxi.customers.models import Customer, Identifier, Score, SourceProfile, Tag
from guanxi.customers.ranking import ranked
from guanxi.orders import figures
from guanxi.orders.models import Purchases, Store
from guanxi.pages import formats, listing
from guanxi.pages.formats import MOST_COUNTED
from guanxi.pages.listing import Found
from tests.cast import TODAY, buy, met
from tests.customers.conftest import scored

LIST = "/customers/"
PAGE_QUERIES = 23  # one of them counts probable duplicates for the navigation


def shown(client: Client, query: str = "") -> list[str]:
    """The customers of a page, from the top."""
    return [entry.customer.name for entry in client.get(f"{LIST}?{query}").context["entries"]]


def test_an_empty_book_says_how_to_begin(owners_browser: Client) -> None:
    page = owners_browser.get(LIST).content.decode()
    assert "No customers yet" in page
    assert f'href="{reverse("import-new")}">Import an order file' in page


def test_the_best_customer_stands_on_top(owners_browser: Client, loyal: Customer, lapsed: Customer) -> None:
    scored(lapsed, 1.3, "lost", monetary_minor=99)
    scored(loyal, 5.0, "high_value", monetary_minor=10)
    assert shown(owners_browser) == ["林晓", "Ada"]


def test_of_equal_scores_the_bigger_spender_comes_first(
    owners_browser: Client, loyal: Customer, lapsed: Customer
) -> None:
    scored(loyal, 5.0, "high_value", monetary_minor=9_000)
    scored(lapsed, 5.0, "high_value", monetary_minor=10_000)
    assert shown(owners_browser) == ["Ada", "林晓"]


def test_customers_without_a_score_come_last_and_none_is_lost(
    owners_browser: Client, crowd: Callable[[int], list[Customer]]
) -> None:
    people = crowd(60)
    for nth, each in enumerate(people[:55]):
        scored(each, 5 - nth / 100, "potential")
    later = owners_browser.get(LIST).context["listing"].next
    pages = [shown(owners_browser), shown(owners_browser, later.removeprefix("?"))]
    assert [len(page) for page in pages] == [50, 10]
    assert pages[0][:2] == ["Guest 0", "Guest 1"]
    assert len({*pages[0], *pages[1]}) == 60
    assert pages[1][-5:] == [f"Guest {nth}" for nth in (59, 58, 57, 56, 55)]


def test_the_order_turns_around(owners_browser: Client, loyal: Customer, lapsed: Customer) -> None:
    scored(loyal, 5.0, "high_value")
    scored(lapsed, 1.0, "lost")
    assert shown(owners_browser, "sort=class") == ["Ada", "林晓"]


@pytest.mark.parametrize("total", [12, MOST_COUNTED + 1], ids=["few", "many"])
def test_walking_the_ranking_meets_everybody_once(crowd: Callable[[int], list[Customer]], total: int) -> None:
    for nth, each in enumerate(crowd(12)):
        if nth % 3:
            scored(each, 3.0, "potential")
    line = ranked(Found(Customer.objects.all(), total), True, {})
    seen: list[int] = []
    while some := line.after(seen[-1] if seen else None, 5):
        seen += [each.pk for each in some]
    assert sorted(seen) == sorted(Customer.objects.values_list("pk", flat=True))
    assert [each.pk for each in line.before(seen[-1], 20)] == seen[:-1]
    assert [each.pk for each in line.before(None, 3)] == seen[-3:]


def test_a_class_narrows_the_list_and_says_so(owners_browser: Client, loyal: Customer, lapsed: Customer) -> None:
    scored(loyal, 5.0, "high_value")
    scored(lapsed, 1.0, "lost")
    response = owners_browser.get(f"{LIST}?class=lost")
    assert [entry.customer for entry in response.context["entries"]] == [lapsed]
    assert [(tab.title, tab.count, tab.active) for tab in response.context["shelf"].tabs] == [
        ("All", 2, False),
        ("High-value", 1, False),
        ("Potential", 0, False),
        ("Ordinary", 0, False),
        ("Lost", 1, True),
    ]


@pytest.mark.parametrize("word", ["nonsense", "lost' or 1=1 --", "name", "", "high_value\0"])
def test_an_unknown_class_narrows_nothing(owners_browser: Client, loyal: Customer, word: str) -> None:
    scored(loyal, 5.0, "high_value")
    assert owners_browser.get(LIST, {"class": word}).context["listing"].total == 1


@pytest.mark.parametrize(
    "typed",
    ["林", "林晓", "183 0000 2807", "+86 183-0000-2807", "18300002807", "008618300002807"],
)
def test_a_person_is_found_by_name_and_by_phone_in_any_spelling(
    owners_browser: Client, loyal: Customer, lapsed: Customer, typed: str
) -> None:
    assert shown(owners_browser, f"q={typed.replace('+', '%2B')}") == ["林晓"]


@pytest.mark.parametrize("typed", ["ada@example.com", " ADA@Example.COM ", "ada"])
def test_a_person_is_found_by_e_mail_whatever_the_capitals(
    owners_browser: Client, loyal: Customer, lapsed: Customer, typed: str
) -> None:
    assert shown(owners_browser, f"q={typed}") == ["Ada"]


def test_a_person_is_found_by_the_number_a_source_gave(owners_browser: Client, loyal: Customer) -> None:
    profile = loyal.profiles.get()
    for scope, value in (("tea", "17850"), ("", "M-9")):
        digest = Identifier.digest_of("external_id", value, namespace="own", scope=scope)
        profile.identifiers.create(kind="external_id", namespace="own", scope=scope, value=value, digest=digest)
    assert shown(owners_browser, "q=17850") == ["林晓"]
    assert shown(owners_browser, "q=M-9") == ["林晓"]
    assert shown(owners_browser, "q=1785") == []


def test_a_person_is_found_by_their_public_id(owners_browser: Client, loyal: Customer, lapsed: Customer) -> None:
    assert shown(owners_browser, f"q={loyal.public_id}") == ["林晓"]


@pytest.mark.parametrize("typed", ["807", "183", "example.com", "%", "_", "' or 1=1 --", "\0", "*" * 500])
def test_parts_of_sealed_words_and_patterns_find_nobody(owners_browser: Client, loyal: Customer, typed: str) -> None:
    assert owners_browser.get(LIST, {"q": typed}).context["listing"].total == (1 if typed == "\0" else 0)


def test_who_is_filtered_away_can_be_found_again(owners_browser: Client, loyal: Customer) -> None:
    page = owners_browser.get(f"{LIST}?q=nobody").content.decode()
    assert "Nothing meets all of this." in page
    assert "You looked for “nobody”." in page


def test_a_row_says_what_somebody_is_worth(owners_browser: Client, loyal: Customer) -> None:
    scored(loyal, 5.0, "high_value")
    page = owners_browser.get(LIST).content.decode()
    assert "¥2,144.00" in page
    assert "¥268.00" in page
    assert "183****2807 · 山房茶事" in page


def test_nobodys_name_or_number_stands_in_the_list(
    owners_browser: Client, loyal: Customer, lapsed: Customer, two_identities: Customer
) -> None:
    page = owners_browser.get(LIST).content.decode()
    for secret in ("林晓", "18300002807", "ada@example.com", "陈默", "13900005566"):
        assert secret not in page


def test_the_whole_selection_is_summed_up(owners_browser: Client, loyal: Customer, lapsed: Customer) -> None:
    scored(loyal, 5.0, "high_value")
    everyone = owners_browser.get("/customers/total/").content.decode()
    best = owners_browser.get("/customers/total/?class=high_value").content.decode()
    assert "<b>¥2,243</b> from 9 orders" in everyone
    assert "<b>¥2,144</b> from 8 orders" in best


def test_unpaid_orders_and_orders_without_a_rate_are_no_net_spend(
    owners_browser: Client, tea_house: Store, lapsed: Customer
) -> None:
    unpaid = buy(lapsed, tea_house, on=TODAY, goods_minor=50_000)
    unpaid.paid_at, unpaid.net_minor = None, 0
    unpaid.save()
    foreign = buy(lapsed, tea_house, on=TODAY, goods_minor=50_000)
    foreign.net_base_minor = None
    foreign.save()
    Purchases.objects.recount([lapsed.pk])
    (entry,) = owners_browser.get(LIST).context["entries"]
    assert (entry.figures.orders, entry.figures.net_minor, entry.figures.average_minor) == (2, 9_900, 9_900)


def banded(customer: Customer, r: int, f: int, m: int) -> None:
    Score.objects.filter(customer=customer, name="rfm").update(parts={"r": r, "f": f, "m": m})


def test_bands_narrow_the_list_and_say_so(
    owners_browser: Client, loyal: Customer, lapsed: Customer, opted_out: Customer
) -> None:
    for customer, bands in ((loyal, (5, 4, 3)), (lapsed, (5, 4, 1)), (opted_out, (1, 4, 3))):
        scored(customer, 3.0, "potential")
        banded(customer, *bands)
    response = owners_browser.get(f"{LIST}?r=5&f=4")
    assert {entry.customer for entry in response.context["entries"]} == {loyal, lapsed}
    assert [(str(chip.title), chip.value) for chip in response.context["listing"].chips] == [
        ("Recency (R)", "5"),
        ("Frequency (F)", "4"),
    ]
    assert [entry.customer for entry in owners_browser.get(f"{LIST}?r=5&f=4&m=1").context["entries"]] == [lapsed]
    assert owners_browser.get(f"{LIST}?f=4").context["listing"].total == 3


@pytest.mark.parametrize("band", ["0", "6", "x", "5 or 1=1", "\x00", "٥"])
def test_a_band_there_is_not_narrows_nothing(owners_browser: Client, loyal: Customer, band: str) -> None:
    scored(loyal, 3.0, "potential")
    assert owners_browser.get(LIST, {"r": band}).context["listing"].total == 1


def test_a_class_of_the_shops_own_is_called_by_its_name(
    owners_browser: Client, loyal: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = [classes.CustomerClass("class_1", "Friends of the house", 1), classes.CustomerClass("lost", "Lost", 0)]
    monkeypatch.setattr(classes._Names, "source", lambda: own)
    classes.forget()
    scored(loyal, 5.0, "class_1")
    response = owners_browser.get(f"{LIST}?class=class_1")
    assert [(tab.title, tab.count) for tab in response.context["shelf"].tabs][1:] == [
        ("Friends of the house", 1),
        ("Lost", 0),
    ]
    assert "Friends of the house" in response.content.decode()
    assert ">class_1<" not in response.content.decode()


def test_a_page_costs_the_same_for_three_and_for_fifty(
    owners_browser: Client, crowd: Callable[[int], list[Customer]], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for each in crowd(3):
        scored(each, 4.0, "high_value")
    owners_browser.get(LIST)
    with django_assert_num_queries(PAGE_QUERIES + 1):  # a page that is not full looks for those without a score
        owners_browser.get(LIST)
    for each in crowd(60):
        scored(each, 4.0, "high_value")
    with django_assert_num_queries(PAGE_QUERIES):
        owners_browser.get(LIST)


def test_a_long_list_is_not_counted_to_its_end(
    owners_browser: Client, crowd: Callable[[int], list[Customer]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in crowd(3):
        scored(each, 4.0, "high_value")
    monkeypatch.setattr(listing, "_uncounted", {})
    for module in (listing, formats, views):
        monkeypatch.setattr(module, "MOST_COUNTED", 2)
    page = owners_browser.get(LIST)
    assert page.context["listing"].total == 3
    assert page.content.decode().count("2+") == 5  # all, the class, both files, the pager
    assert "Net spend" not in owners_browser.get(f"{LIST}total/").content.decode()


def test_every_source_and_store_is_named_once(tea_house: Store) -> None:
    for source, store in (("b", ""), ("a", "x"), ("a", "w"), ("b", ""), ("a", "x")):
        key = str(SourceProfile.objects.count())
        SourceProfile.objects.create(source=source, store=store, key=key)
    assert list(SourceProfile.objects.origins()) == [("a", "w"), ("a", "x"), ("b", "")]


def test_a_merged_customer_is_not_listed(owners_browser: Client, loyal: Customer, lapsed: Customer) -> None:
    lapsed.survivor = loyal
    lapsed.save()
    assert shown(owners_browser) == ["林晓"]


def test_whoever_may_not_change_is_offered_nothing_to_change(analysts_browser: Client, loyal: Customer) -> None:
    page = analysts_browser.get(LIST).content.decode()
    assert reverse("customers:new") not in page
    assert reverse("import-new") not in page
    assert analysts_browser.get(reverse("customers:new")).status_code == 403


def test_strangers_and_those_who_left_see_nothing(client: Client, outsider: Staff, loyal: Customer) -> None:
    assert client.get(LIST).status_code == 302
    assert list(Customer.objects.visible_to(outsider)) == []


def test_people_with_equal_names_are_two_rows(owners_browser: Client, tea_house: Store) -> None:
    for key in ("a", "b"):
        met(tea_house, key=key, name="王伟", phone=f"+86138000000{ord(key)}")
    assert shown(owners_browser, "sort=customer") == ["王伟", "王伟"]


@pytest.mark.parametrize("typed", ["linxiao", "LinX", "lx", "林", "晓", "2807", "T00001", " lin "])
def test_a_person_is_found_as_the_counter_types(
    owners_browser: Client, loyal: Customer, lapsed: Customer, opted_out: Customer, typed: str
) -> None:
    assert shown(owners_browser, f"q={typed}") == ["林晓"]


def test_a_renamed_person_is_found_by_the_new_name_alone(owners_browser: Client, loyal: Customer, owner: Staff) -> None:
    by_hand.correct(loyal, by_hand.Told(name="欧阳静姝", phone="+8613900001234"), by=owner)
    assert shown(owners_browser, "q=oyjs") == ["欧阳静姝"]
    assert shown(owners_browser, "q=1234") == ["欧阳静姝"]
    assert shown(owners_browser, "q=linxiao") == []


@pytest.mark.parametrize(
    "typed", ["\ud800", "\0\ud83d", "9" * 5_000, "\U0010ffff", "%_\\", "' union select 1 --", "ord_", "cus_"]
)
def test_what_nobody_would_type_finds_nobody_and_breaks_nothing(loyal: Customer, typed: str) -> None:
    assert [each.name for each in matching(Customer.objects.all(), typed)] == []


def test_a_search_is_answered_by_indexes(loyal: Customer) -> None:
    plan = matching(Customer.objects.order_by("pk"), "lin").explain()
    assert "SCAN customers_customer" not in plan.replace("SCAN customers_customer USING", "")


def test_filters_are_offered_and_narrow_together(
    owners_browser: Client, loyal: Customer, lapsed: Customer, agent: Staff
) -> None:
    loyal.opt_in("sms", source="checkout", by=agent)
    scored(loyal, 5.0, "high_value")
    listing = owners_browser.get(f"{LIST}?reachable=sms&class=high_value").context["listing"]
    assert [row.name for row in listing.rows] == ["林晓"]
    assert [chip.without for chip in listing.chips] == ["?reachable=sms", "?class=high_value"]
    menu = owners_browser.get(f"{LIST}?reachable=sms&class=high_value&values=1")
    groups = menu.context["groups"]
    assert [value.title for group in groups for value in group.values if value.chosen] == ["High-value", "SMS"]
    assert shown(owners_browser, "reachable=email") == []
    assert shown(owners_browser, "since=365") == []


def test_people_are_narrowed_by_what_they_bought(owners_browser: Client, loyal: Customer, lapsed: Customer) -> None:
    assert shown(owners_browser, "net=1000..&sort=customer") == ["林晓"]
    assert shown(owners_browser, "net=..1000&sort=customer") == ["Ada"]
    assert shown(owners_browser, "orders=8..8") == ["林晓"]
    assert shown(owners_browser, "orders=1..1") == ["Ada"]
    assert set(shown(owners_browser, "last=2000-01-01..")) == {"林晓", "Ada"}
    assert shown(owners_browser, f"last=..{TODAY - dt.timedelta(days=60)}") == ["Ada"]
    assert shown(owners_browser, "net=0..&sort=-net") == ["林晓", "Ada"]
    assert shown(owners_browser, "sort=-orders")[:2] == ["林晓", "Ada"]
    assert shown(owners_browser, "sort=last")[:2] == ["Ada", "林晓"]


def test_who_bought_nothing_comes_last_whichever_way_figures_are_sorted(
    owners_browser: Client, loyal: Customer, lapsed: Customer, tea_house: Store
) -> None:
    others = [met(tea_house, key=name, name=name).name for name in ("Zoe", "Bo", "Ann")][::-1]
    for column in ("net", "orders"):
        assert shown(owners_browser, f"sort=-{column}") == ["林晓", "Ada", *others]
        assert shown(owners_browser, f"sort={column}") == ["Ada", "林晓", *others]
    assert shown(owners_browser, f"sort=-net&after={lapsed.public_id}&from=3") == others


@pytest.mark.parametrize("few", [0, ranking.FEW])
def test_people_of_one_name_stand_in_the_order_of_all(
    owners_browser: Client, loyal: Customer, lapsed: Customer, opted_out: Customer,
    monkeypatch: pytest.MonkeyPatch, few: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(ranking, "FEW", few)
    for customer, name in ((lapsed, "林安"), (opted_out, "林宁")):
        Customer.objects.filter(pk=customer.pk).update(name=name)
    scored(lapsed, 5.0, "high_value")
    scored(loyal, 1.0, "lost")
    assert shown(owners_browser, "q=林") == ["林安", "林晓", "林宁"]
    assert shown(owners_browser, "q=林&sort=class") == ["林晓", "林安", "林宁"]
    assert shown(owners_browser, "q=林&sort=-net") == ["林晓", "林宁", "林安"]
    assert shown(owners_browser, f"q=林&after={lapsed.public_id}&from=2") == ["林晓", "林宁"]


@pytest.mark.parametrize("large", [False, True])
def test_a_large_selection_is_narrowed_by_figures_as_a_small_one_is(
    owners_browser: Client, loyal: Customer, lapsed: Customer, opted_out: Customer,
    monkeypatch: pytest.MonkeyPatch, large: bool,
) -> None:  # fmt: skip
    if large:
        monkeypatch.setattr(figures, "MOST_COUNTED", 0)
        monkeypatch.setattr(ranking, "MOST_COUNTED", 0)
    for chosen, found in {
        "net=100..": ["林晓", "周宁"], "net=99..158": ["周宁", "Ada"], "orders=1..1": ["周宁", "Ada"],
        "orders=2..": ["林晓"], "last=2024-10-01..": ["林晓", "周宁"], "net=..2000&orders=1..1": ["周宁", "Ada"],
    }.items():  # fmt: skip
        assert shown(owners_browser, f"{chosen}&sort=-net") == found
        assert shown(owners_browser, f"{chosen}&sort=net") == found[::-1]
        assert sorted(shown(owners_browser, f"{chosen}&sort=customer")) == sorted(found)
        assert owners_browser.get(f"{LIST}?{chosen}").context["listing"].total == len(found)


def test_many_whom_figures_keep_are_sorted_by_these_and_not_by_class(
    owners_browser: Client, loyal: Customer, lapsed: Customer, opted_out: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored(lapsed, 5.0, "high_value")
    scored(loyal, 1.0, "lost")
    assert shown(owners_browser, "orders=1..") == ["Ada", "林晓", "周宁"]
    monkeypatch.setattr(figures, "MOST_COUNTED", 2)
    assert shown(owners_browser, "orders=1..") == ["林晓", "周宁", "Ada"]
    assert shown(owners_browser, "orders=1..&sort=-class") == ["林晓", "周宁", "Ada"]
    listing = owners_browser.get(f"{LIST}?orders=1..").context["listing"]
    sorting = {heading.column.name: (heading.sorted, heading.href) for heading in listing.headings}
    assert sorting["orders"][0] == "descending"
    assert sorting["class"] == ("", "")
    assert shown(owners_browser, "orders=1..&net=..99") == ["Ada"]  # one of the ranges keeps few


def test_lists_by_figures_are_read_from_indexes(loyal: Customer) -> None:
    if connection.vendor == "postgresql":  # which reads a table of a few rows whole, whatever indexes it has
        connection.cursor().execute("set local enable_seqscan = off")
    for name in ("net_minor", "orders", "last_on"):
        plan = Purchases.objects.order_by(f"-{name}", "-customer")[:50].explain()
        assert "Sort" not in plan
        assert "TEMP B-TREE" not in plan


def test_people_are_narrowed_by_tag_and_by_store(
    owners_browser: Client, loyal: Customer, lapsed: Customer, two_identities: Customer, owner: Staff
) -> None:
    tag = Tag.objects.called("white tea")
    loyal.tag_with(tag, by=owner)
    assert shown(owners_browser, f"tag={tag.pk}") == ["林晓"]
    assert shown(owners_browser, "tag=999") == shown(owners_browser)
    store = loyal.profiles.get().store
    assert "林晓" in shown(owners_browser, f"store={store}")
    listing = owners_browser.get(f"{LIST}?tag={tag.pk}").context["listing"]
    assert [(str(chip.title), chip.value) for chip in listing.chips] == [("Tag", "white tea")]


def test_a_row_says_how_somebody_is_reached_and_what_they_are_called(
    owners_browser: Client, loyal: Customer, owner: Staff
) -> None:
    loyal.opt_in("sms", source="checkout", by=owner)
    loyal.opt_in("push", source="app", by=owner)
    for name in ("white tea", "gifts", "regular"):
        loyal.tag_with(Tag.objects.called(name), by=owner)
    (entry,) = owners_browser.get(LIST).context["entries"]
    assert [(each.channel, each.open, str(each.reason)) for each in entry.reach] == [
        ("email", False, "never asked"),
        ("sms", True, ""),
        ("wechat", False, "never asked"),
        ("push", False, "no address"),
    ]
    assert (list(entry.shown_tags), entry.more_tags) == (["white tea", "gifts"], 1)


@pytest.mark.parametrize("word", ["-1", "1e9", "9" * 60, "7\0", "\ufffd", "sms' or 1=1 --", "survivor__pk"])
@pytest.mark.parametrize(
    "name", ["since", "reachable", "net", "last", "tag", "sort", "after", "from", "customer__name"]
)
def test_whatever_the_address_says_the_list_stands(loyal: Customer, owner: Staff, name: str, word: str) -> None:
    request = RequestFactory().get(LIST)
    request.GET = QueryDict(mutable=True)
    request.GET[name] = word
    assert roster.table(request).page(request, Customer.objects.visible_to(owner)).total == 1

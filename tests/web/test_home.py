"""The home page: the shop in one minute, for each role its own, from the first day on."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.customers.models import Customer
from guanxi.insight import daily
from guanxi.insight.models import RfmRun, RfmScheme, ShopRun, TradingDay
from guanxi.orders.models import Store
from guanxi.pages import home as registry
from guanxi.warehouse.sync import sync
from tests.cast import TODAY, buy, hired

PARTS = (
    "/glance/metrics/",
    "/glance/queues/",
    "/insight/glance/sales/",
    "/insight/glance/moving/",
    "/customers/glance/now/",
)
NOON = dt.datetime.combine(TODAY, dt.time(4), dt.UTC)


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> dt.date:
    """The cast's day, noon in Hangzhou."""
    for place in ("guanxi.insight.scoring.now", "guanxi.customers.live.now"):
        monkeypatch.setattr(place, lambda: NOON)
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    return TODAY


@pytest.fixture
def browser() -> Callable[[Role], Client]:
    """Somebody of a role at their browser, who reads English."""

    def sit_down(role: Role) -> Client:
        client = Client(headers={"Accept-Language": "en"})
        staff = hired(role.value, role.value.title(), role)
        Staff.objects.filter(pk=staff.pk).update(language="en")
        client.force_login(Staff.objects.get(pk=staff.pk))
        return client

    return sit_down


@pytest.fixture
def shop(settings: object, tmp_path: Path, today: dt.date, loyal: Customer, lapsed: Customer) -> ShopRun:
    """A small shop whose figures are computed."""
    settings.LAKE = str(tmp_path / "lake")  # type: ignore[attr-defined]
    settings.LAKE_GRACE_SECONDS = 0  # type: ignore[attr-defined]
    sync()
    return daily.compute()


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return " ".join(response.content.decode().split())


def cards(page: str) -> list[str]:
    return [word.split('"')[0] for word in page.split(" gx-home-") if word.split('"')[0] in registry._cards]


def test_an_empty_shop_is_taught_how_to_begin(browser: Callable[[Role], Client], db: None) -> None:
    page = read(browser(Role.OWNER), "/")
    assert "Your shop begins here" in page
    assert 'href="/imports/new/"' in page
    assert "guanxi demo" in page
    assert cards(page) == []
    assert 'href="/imports/new/"' not in read(browser(Role.AGENT), "/")


def test_every_part_teaches_before_there_is_anything_to_show(
    browser: Callable[[Role], Client], db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guanxi.shop.calendar.announced", lambda _year: True)
    owner = browser(Role.OWNER)
    for address, words in zip(
        PARTS,
        ("a few minutes after the first orders are in", "Nothing is waiting for you.", "beside last year",
         "412 dormant customers came back", "Nothing has happened yet."),
        strict=True,
    ):  # fmt: skip
        assert words in read(owner, address), address


def test_each_role_reads_its_own_home(browser: Callable[[Role], Client], shop: ShopRun) -> None:
    read_by = {role: cards(read(browser(role), "/")) for role in Role}
    assert read_by[Role.OWNER] == ["metrics", "queues", "sales", "moving", "now", "goals"]
    assert read_by[Role.AGENT] == ["queues", "now"]
    assert read_by[Role.ANALYST][:2] == ["sales", "moving"]
    assert read_by[Role.CLERK][0] == "unshipped"


def test_the_owner_is_told_the_change_of_the_day(browser: Callable[[Role], Client], shop: ShopRun) -> None:
    page = read(browser(Role.OWNER), "/")
    assert "<h1>¥268 in 30 days, 100% of it from returning customers.</h1>" in page
    assert "Monday 11 November 2024 · " in page
    assert ", Owner" in page


def test_who_may_not_see_figures_is_told_how_much_waits(browser: Callable[[Role], Client], shop: ShopRun) -> None:
    assert "<h1>Nothing is waiting for you.</h1>" in read(browser(Role.AGENT), "/")


def test_the_figures_stand_with_what_they_compare_with(browser: Callable[[Role], Client], shop: ShopRun) -> None:
    metrics = read(browser(Role.OWNER), "/glance/metrics/")
    for words in ("Net sales", "¥268", "Orders", "New customers", "90-day repurchase rate", "Reachable customers"):
        assert words in metrics, words
    assert "from 20 buyers on; 1 so far" in metrics  # of one buyer no rate is told
    assert "nobody agreed yet" in metrics
    assert "Incremental" not in metrics  # nobody measures it yet
    assert "nan" not in metrics.lower()
    assert "None" not in metrics


def test_figures_are_against_last_years_day_of_the_festival(
    browser: Callable[[Role], Client], shop: ShopRun, tea_house: Store
) -> None:
    for back, net in ((0, 15_000), (365, 10_000)):
        day = TODAY - dt.timedelta(days=back)
        TradingDay.objects.filter(day=day).delete()
        TradingDay.objects.create(
            day=dt.date(TODAY.year - (back > 0), 11, 11), store="tea", orders=3, new_customers=1, new_net_minor=0,
            returning_net_minor=net * 10, guest_net_minor=0,
        )  # fmt: skip
    metrics = read(browser(Role.OWNER), "/glance/metrics/")
    assert "vs last year" in metrics
    assert "76.8%" in metrics  # ¥1,768 against ¥1,000


def test_a_shop_that_closed_is_seen_from_its_last_day(
    browser: Callable[[Role], Client], shop: ShopRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = browser(Role.OWNER)
    monkeypatch.setattr("guanxi.pages.period.timezone.localdate", lambda: TODAY + dt.timedelta(days=5_000))
    sales = read(owner, "/insight/glance/sales/")
    assert "13 Oct – 11 Nov 2024" in sales
    assert "¥268" in sales
    assert "Seen from 11 Nov 2024, the last day observed." in read(owner, "/")


def test_customers_stand_in_their_places(browser: Callable[[Role], Client], shop: ShopRun) -> None:
    card = read(browser(Role.OWNER), "/insight/glance/moving/")
    for words in ("Nobody fell asleep", "2 in all", "Dormant → Active", "no paid order for 90 to 179 days"):
        assert words in card, words


def test_parts_are_for_whose_role_sees_them(browser: Callable[[Role], Client], shop: ShopRun) -> None:
    agent = browser(Role.AGENT)
    assert {agent.get(address).status_code for address in PARTS[2:4]} == {403}
    assert "Net sales" not in read(agent, "/glance/metrics/").replace("Net sales, orders", "")
    assert Client().get("/glance/queues/").status_code == 302


def test_the_page_and_its_parts_ask_the_same_few_questions_however_much_there_is(
    browser: Callable[[Role], Client], shop: ShopRun, tea_house: Store, loyal: Customer,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    owner = browser(Role.OWNER)
    TradingDay.objects.bulk_create(
        TradingDay(
            day=TODAY - dt.timedelta(days=nth), store=f"s{nth % 7}", orders=9, new_customers=3, new_net_minor=nth,
            returning_net_minor=nth, guest_net_minor=1,
        )
        for nth in range(4, 700)
    )  # fmt: skip
    for nth in range(30):
        loyal.record("Order Placed", store="tea", number=str(nth))
        buy(loyal, tea_house, on=TODAY, goods_minor=nth)
    for address, most in zip(("/", *PARTS), (19, 15, 18, 16, 12, 13), strict=True):
        with django_assert_max_num_queries(most):
            read(owner, address)


def test_scores_that_nobody_computed_are_work(browser: Callable[[Role], Client], shop: ShopRun) -> None:
    old = NOON - dt.timedelta(days=3)
    RfmRun.objects.create(scheme=RfmScheme.current(), as_of=old.date(), customers=2, seconds=1, finished_at=old)
    assert "Scores are out of date" in read(browser(Role.OWNER), "/glance/queues/")


def test_cooling_customers_are_work_with_its_reason(browser: Callable[[Role], Client], shop: ShopRun) -> None:
    shop.cooling = {"customers": 86, "gap_days": 35, "silent_days": 60, "net_minor": 900}
    shop.save()
    queues = read(browser(Role.OWNER), "/glance/queues/")
    for words in ("86 high-value customers are cooling", "Usually every 35 days, silent for 60", "/insight/cooling/"):
        assert words in queues, words


def test_the_cooling_are_listed_masked_and_by_what_they_brought(
    browser: Callable[[Role], Client], shop: ShopRun, loyal: Customer, lapsed: Customer
) -> None:
    owner = browser(Role.OWNER)
    assert "No high-value customer stays away" in read(owner, "/insight/cooling/")
    for customer, net in ((lapsed, 9_900), (loyal, 214_400)):
        parts = {"gap_days": 30, "silent_days": 50, "monetary_minor": net}
        customer.scores.create(name="cooling", value=net, parts=parts, as_of=TODAY, scheme_version=1)
    shop.cooling = {"customers": 2, "gap_days": 30, "silent_days": 50, "net_minor": 224_300}
    shop.save()
    page = read(owner, "/insight/cooling/")
    assert "2 high-value customers stay away longer than usual" in page
    assert page.index("林**") < page.index("A**")
    assert "林晓" not in page
    assert "¥2,144" in page


def test_the_home_is_a_place_of_the_navigation(browser: Callable[[Role], Client], shop: ShopRun) -> None:
    page = read(browser(Role.CLERK), "/")
    assert 'href="/"' in page
    assert 'aria-current="page"' in page


def days_of(card: str) -> int:
    return card.partition("<tbody>")[2].count("<tr>")


def test_the_chosen_days_hold_for_every_part(browser: Callable[[Role], Client], shop: ShopRun) -> None:
    owner = browser(Role.OWNER)
    page = read(owner, "/?range=7d&compare=none")
    assert "¥268 in 7 days" in page
    assert days_of(read(owner, "/insight/glance/sales/")) == 7
    read(owner, "/?range=90d")
    assert days_of(read(owner, "/insight/glance/sales/")) == 90
    assert "¥804" in read(owner, "/glance/metrics/")


def test_who_sees_no_figures_is_asked_for_no_days(browser: Callable[[Role], Client], shop: ShopRun) -> None:
    assert "Last 30 days" in read(browser(Role.OWNER), "/")
    assert "Last 30 days" not in read(browser(Role.AGENT), "/")


def test_figures_that_wait_to_be_computed_say_since_when(
    browser: Callable[[Role], Client], shop: ShopRun, loyal: Customer, tea_house: Store
) -> None:
    owner = browser(Role.OWNER)
    ShopRun.objects.update(finished_at=NOON - dt.timedelta(hours=5))
    assert "gx-asof-stale" not in read(owner, "/insight/glance/sales/")  # nothing has changed since
    buy(loyal, tea_house, on=TODAY, goods_minor=100)
    sync()
    for address in ("/insight/glance/sales/", "/insight/glance/moving/"):
        card = read(owner, address)
        assert "gx-asof-stale" in card
        assert "The figures were not computed since." in card
        assert "¥268" in card or "2 in all" in card  # what is known stays

import datetime as dt
from collections import Counter

import pytest

from guanxi.demo.build import World
from guanxi.demo.outlets import COUNTER, SHOPIFY, TMALL, WECHAT
from guanxi.demo.sales import Fate, end_of_books, first_day

TODAY = dt.date(2026, 11, 26)


@pytest.fixture(scope="module")
def world() -> World:
    return World.of(TODAY, scale=0.1)


def test_a_day_gives_one_world_and_another_day_another() -> None:
    first, again, other = (World.of(day, scale=0.005) for day in (TODAY, TODAY, TODAY + dt.timedelta(days=1)))
    assert (first.people, first.sales) == (again.people, again.sales)
    assert [person.name for person in first.people] != [person.name for person in other.people]


def test_the_whole_shop_has_20_000_customers_and_about_60_000_orders(world: World) -> None:
    assert len(world.people) == 2_000
    assert 5_400 < len(world.sales) < 6_600


def test_the_great_sale_days_are_the_busiest(world: World) -> None:
    days = Counter(sale.placed_at.date() for sale in world.sales if sale.outlet in {TMALL, WECHAT})
    assert {day for day, _ in days.most_common(3)} >= {dt.date(2026, 11, 11), dt.date(2025, 11, 11)}
    usual = sorted(days.values())[len(days) // 2]
    assert days[dt.date(2026, 6, 18)] > 3 * usual
    assert days[dt.date(2026, 2, 17)] < usual, "on New Year's Day no parcel moves"


def test_the_counter_lives_on_weekends_and_the_shop_grows(world: World) -> None:
    week = Counter(sale.placed_at.weekday() for sale in world.sales if sale.outlet is COUNTER)
    assert week[5] > 1.4 * week[1]
    months = Counter(f"{sale.placed_at:%Y-%m}" for sale in world.sales)
    assert months["2026-10"] > 1.15 * months["2025-10"]


def test_habits_make_loyal_people_and_people_who_came_once(world: World) -> None:
    orders = Counter(sale.person.place_in_cast for sale in world.sales if sale.person)
    by_habit = {
        key: [orders[person.place_in_cast] for person in world.people if person.habit.key == key]
        for key in ("loyal", "once", "lapsing")
    }
    assert sum(by_habit["loyal"]) / len(by_habit["loyal"]) > 7
    assert set(by_habit["once"]) == {1}
    last = {sale.person.place_in_cast: sale.placed_at.date() for sale in world.sales if sale.person}
    gone = [last[p.place_in_cast] for p in world.people if p.habit.key == "lapsing" and not p.second]
    assert max(gone) < TODAY - dt.timedelta(days=60)


def test_nothing_has_happened_after_the_books_end(world: World) -> None:
    for sale in world.sales:
        moments = (sale.placed_at, sale.paid_at, sale.shipped_at, sale.delivered_at, sale.refunded_at)
        assert all(moment < end_of_books(TODAY, sale.outlet) for moment in moments if moment)
    assert min(sale.placed_at.date() for sale in world.sales) >= first_day(TODAY) - dt.timedelta(days=1)


def test_the_last_days_leave_something_to_do(world: World) -> None:
    fates = Counter(sale.fate for sale in world.sales)
    assert min(fates[Fate.UNPAID], fates[Fate.UNSHIPPED], fates[Fate.SHIPPED], fates[Fate.PART_REFUNDED]) > 0


def test_nobody_shares_a_phone_or_an_address(world: World) -> None:
    for words in ([p.phone for p in world.people if p.phone], [p.email for p in world.people if p.email]):
        assert len(set(words)) == len(words)
    assert all(person.email for person in world.people if SHOPIFY.code in person.numbers)
    assert all(person.phone or person.email for person in world.people if person.second)


@pytest.mark.parametrize("today", [dt.date(2027, 3, 1), dt.date(2028, 2, 29), dt.date(2041, 7, 5)], ids=str)
def test_any_day_has_its_shop(today: dt.date) -> None:
    world = World.of(today, scale=0.01)
    assert len(world.sales) > 300

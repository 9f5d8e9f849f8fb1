"""The timeline: by day, newest first, twenty events at a time, each told by the context that knows it."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from guanxi.accounts.models import Staff
from guanxi.customers import timeline
from guanxi.customers.models import Customer, Tag
from guanxi.customers.older import Place
from guanxi.orders.models import Store
from guanxi.pages import listing
from tests.cast import buy

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def happen(customer: Customer, count: int, *, every: dt.timedelta, name: str = "Quiz Finished") -> None:
    for nth in range(count):
        customer.record(name, at=NOON - nth * every)


def sentences(page: timeline.Page) -> list[str]:
    return [str(each.sentence) for day in page.days for each in day.occurrences]


def test_a_page_ends_where_a_day_ends(loyal: Customer) -> None:
    happen(loyal, 24, every=dt.timedelta(hours=3))  # eight a day, the newest day five
    first = timeline.read(loyal)
    assert (first.total, first.earlier) == (24, 11)
    assert [len(day.occurrences) for day in first.days] == [5, 8]
    rest = timeline.read(loyal, before=first.last)
    assert [len(day.occurrences) for day in rest.days] == [8, 3]
    assert (rest.earlier, rest.last) == (0, None)


def test_a_long_story_is_not_counted_to_its_beginning(loyal: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    happen(loyal, 40, every=dt.timedelta(hours=3))
    for module in (timeline, listing):
        monkeypatch.setattr(module, "MOST_COUNTED", 10)
    first = timeline.read(loyal)
    assert (first.total, first.earlier) == (11, 11)
    assert first.last is not None


def test_a_single_busy_day_is_told_in_pieces_without_loss(loyal: Customer) -> None:
    happen(loyal, 70, every=dt.timedelta(seconds=1))
    seen, before = 0, None
    while True:
        page = timeline.read(loyal, before=before)
        seen += len(sentences(page))
        before = page.last
        if before is None:
            break
    assert seen == 70


def test_events_of_the_same_instant_are_neither_lost_nor_repeated(loyal: Customer) -> None:
    happen(loyal, 45, every=dt.timedelta(0))
    pages = [timeline.read(loyal)]
    while pages[-1].last:
        pages.append(timeline.read(loyal, before=pages[-1].last))
    assert [len(sentences(page)) for page in pages] == [20, 20, 5]


def test_an_event_that_nobody_can_tell_is_called_by_its_name(loyal: Customer) -> None:
    happen(loyal, 1, every=dt.timedelta(0), name="Kettle Whistled")
    assert sentences(timeline.read(loyal)) == ["Kettle Whistled"]


def test_an_order_is_told_on_the_day_and_clock_of_its_store(loyal: Customer, tea_house: Store) -> None:
    late = dt.datetime(2024, 11, 10, 16, 30, tzinfo=dt.UTC)  # half past midnight of Double 11 in Shanghai
    order = buy(loyal, tea_house, on=dt.date(2024, 11, 11), goods_minor=74_600)
    loyal.record(
        "Order Completed", at=late, order=order.pk, number=order.number, store="tea", total_minor=74_600,
        currency="CNY", lines=3, first="Shoumei cake",
    )  # fmt: skip
    (day,) = timeline.read(loyal).days
    (told,) = day.occurrences
    assert (day.on, told.at) == (dt.date(2024, 11, 11), dt.datetime(2024, 11, 11, 0, 30))  # noqa: DTZ001
    link = f'<a href="/orders/{order.public_id}/">Shoumei cake</a>'
    assert told.sentence == f"Ordered {link} and 2 more at <b>山房茶事</b>"
    assert (told.amount, told.tone, told.cause) == ("¥746.00", "money", f"Order {order.number}")


def test_an_unpaid_order_is_no_money_yet(loyal: Customer) -> None:
    loyal.record("Order Placed", at=NOON, order=1, number="9", store="tea", total_minor=500, currency="CNY", lines=1)
    (day,) = timeline.read(loyal).days
    assert day.occurrences[0].tone == ""


def test_a_refund_is_told_with_a_minus(loyal: Customer, tea_house: Store) -> None:
    loyal.record("Order Refunded", at=NOON, order=7, number="T7", store="tea", amount_minor=1_000, currency="CNY")
    loyal.record("Order Refunded", at=NOON, order=None, number="C8", store="tea", amount_minor=1_000, currency="CNY")
    assert [each.amount for each in timeline.read(loyal).days[0].occurrences] == ["−¥10.00", "−¥10.00"]
    assert sentences(timeline.read(loyal))[0] == "Refund C8, of an order we do not know"


def test_names_of_goods_are_text_never_code(loyal: Customer) -> None:
    loyal.record(
        "Order Completed", at=NOON, order=7, number="<i>", store="<b>", lines=1, first="<script>alert(1)</script>"
    )
    assert "&lt;script&gt;" in sentences(timeline.read(loyal))[0]


def test_what_staff_do_is_told_with_their_name(loyal: Customer, owner: Staff) -> None:
    loyal.annotate_with("Likes rice paper", by=owner)
    loyal.tag_with(Tag.objects.called("white tea"), by=owner)
    loyal.opt_in("email", source="staff", by=owner)
    told = timeline.read(loyal).days[0].occurrences
    assert [str(each.sentence) for each in told] == [
        "Agreed to marketing by <b>E-mail</b>",
        "Tagged <b>white tea</b>",
        "A note was written",
    ]
    assert told[2].cause == "“Likes rice paper” · 苏梅"


def test_the_timeline_speaks_chinese(loyal: Customer, owner: Staff) -> None:
    loyal.opt_in("sms", source="staff", by=owner)
    with translation.override("zh-hans"):
        assert sentences(timeline.read(loyal)) == ["同意<b>短信</b>营销"]


def test_one_kind_of_events_can_be_read_alone(owners_browser: Client, loyal: Customer, owner: Staff) -> None:
    happen(loyal, 2, every=dt.timedelta(hours=1), name="Order Placed")
    loyal.annotate_with("hello", by=owner)
    assert timeline.read(loyal, chapter="orders").total == 2
    assert timeline.read(loyal, chapter="care").total == 1
    assert timeline.read(loyal, chapter="unheard of").total == 3
    card = owners_browser.get(reverse("customers:timeline", args=[loyal.pk]) + "?chapter=care").content.decode()
    assert "1 event" in card


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_full_page_is_light(loyal: Customer, tea_house: Store, owner: Staff, language: str) -> None:
    for nth in range(timeline.PAGE_EVENTS + 5):
        at = NOON - dt.timedelta(days=3 * nth)
        order = buy(loyal, tea_house, on=at.date(), goods_minor=74_600)
        loyal.record(
            "Order Completed", at=at, order=order.pk, number=f"2026030100{nth:08}", store="tea", total_minor=1_234_600,
            currency="CNY", lines=3, first="企业定制礼盒 Corporate gift box, wood",
        )  # fmt: skip
    browser = Client(headers={"Accept-Language": language})
    browser.force_login(owner)
    panel = browser.get(reverse("customers:timeline", args=[loyal.pk])).content
    assert panel.count(b"gx-event-mark") == timeline.PAGE_EVENTS
    assert len(panel) < 15_000


@pytest.mark.parametrize("before", ["x", "-1", "0", "9" * 40, "٣", "1 or 1=1", "9" * 18 + "-1", "1-٣"])
def test_a_nonsensical_place_in_the_timeline_is_harmless(owners_browser: Client, loyal: Customer, before: str) -> None:
    happen(loyal, 1, every=dt.timedelta(0))
    assert owners_browser.get(reverse("customers:timeline", args=[loyal.pk]), {"before": before}).status_code == 200


def test_a_place_in_another_story_shows_nothing_of_it(loyal: Customer, lapsed: Customer) -> None:
    happen(loyal, 3, every=dt.timedelta(hours=1))
    lapsed.record("Kettle Whistled", at=timezone.now())
    assert set(sentences(timeline.read(loyal, before=Place.of(lapsed.events.get())))) == {"Quiz Finished"}


def test_a_festival_stands_beside_its_day(loyal: Customer) -> None:
    loyal.record("Note Added", at=dt.datetime(2024, 11, 11, 12, tzinfo=dt.UTC))
    (day,) = timeline.read(loyal).days
    assert str(day.note) == "Double 11"

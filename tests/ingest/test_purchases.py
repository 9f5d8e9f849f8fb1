"""What customers bought is added up truly, whatever happens to orders and in whichever order it does."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from guanxi.core.jobs.run import Stopped
from guanxi.ingest import fresh
from guanxi.ingest import run as running
from guanxi.ingest.begin import begin
from guanxi.ingest.models import Import
from guanxi.ingest.run import run
from guanxi.ingest.undo import undo
from guanxi.orders.models import ExchangeRate, Order, Purchases, Uncounted
from tests.ingest.shop import RETAIL, imported, write

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = ("17850", "13047", "12346", "", "15100")
TAOBAO = "订单编号,买家会员名,总金额,订单状态,订单创建时间,订单付款时间"
STATES = ("等待买家付款", '"买家已付款,等待卖家发货"', "交易成功", "交易关闭")
Kept = dict[int, tuple[int, int, int, date, date]]


def one_by_one() -> Kept:
    """Add up every paid order of whoever is known, one at a time."""
    found: Kept = {}
    for order in Order.objects.all():
        if order.paid_at is None or order.customer_id is None:
            continue
        orders, net, priced, first, last = found.get(order.customer_id, (0, 0, 0, order.placed_on, order.placed_on))
        found[order.customer_id] = (
            orders + 1,
            net + (order.net_base_minor or 0),
            priced + (order.net_base_minor is not None),
            min(first, order.placed_on),
            max(last, order.placed_on),
        )
    return found


def kept() -> Kept:
    rows = Purchases.objects.values_list("customer", "orders", "net_minor", "priced", "first_on", "last_on")
    return {row[0]: row[1:] for row in rows}


class Shop:
    """Somebody who brings files in, and takes them back, at random."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder, self.chance = folder, chance
        self.done: Counter[str] = Counter()

    def act(self) -> None:
        acts: dict[str, tuple[int, Callable[[], object]]] = {
            "bring": (4, self.bring), "pay": (3, self.pay), "stop": (2, self.stop), "resume": (2, self.resume),
            "undo": (3, self.undo), "quote": (1, self.quote), "count": (1, Purchases.objects.rebuild),
        }  # fmt: skip
        name = self.chance.choices(list(acts), [weight for weight, _act in acts.values()])[0]
        acts[name][1]()
        self.done[name] += 1

    def bring(self) -> None:
        imported(self.file())

    def pay(self) -> None:
        """Export some orders again, which may have come to be paid, or have been closed."""
        rows = []
        for number in self.chance.sample(range(1, 13), 5):
            state, day = self.chance.choice(STATES), f"2024-11-{number:02} 00:00:0"
            rows.append(f"{number},li{number % 3},8{number},{state},{day}1,{'' if state == STATES[0] else day + '2'}")
        imported(write(self.folder, *rows, header=TAOBAO), preset="taobao-orders")

    def stop(self) -> None:
        """Begin an import and break off somewhere; it goes on later, is taken back, or neither."""
        left = self.chance.randrange(1, 6)

        def impatient(_batch: Import) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise Stopped("enough")

        with suppress(Stopped):
            run(begin([self.file()], preset=RETAIL), progress=impatient)

    def resume(self) -> None:
        for batch in Import.objects.filter(state=Import.State.STOPPED):
            run(batch)

    def undo(self) -> None:
        batches = [batch for batch in Import.objects.all() if batch.can_undo]
        if batches:
            undo(self.chance.choice(batches))

    def quote(self) -> None:
        ExchangeRate.objects.quote("CNY", "GBP", date(2024, 11, self.chance.randrange(1, 12)), Decimal("0.11"))

    def file(self) -> Path:
        return write(self.folder, *self.lines())

    def lines(self) -> Iterator[str]:
        """Some orders, many of them known already, and cancellations of some of their lines."""
        for number in self.chance.sample(range(40), 12):
            who, day = PEOPLE[number % len(PEOPLE)], 1 + number % 20
            for nth in range(self.chance.randrange(1, 4)):
                yield f"536{number:02},S{nth},THING,3,2010-12-{day:02} 08:26:00,{1 + number}.25,{who},UK"
            if self.chance.random() < 0.4:
                yield f"C536{number:02},S0,THING,-1,2010-12-{day + 2:02} 09:00:00,{1 + number}.25,{who},UK"


@pytest.mark.parametrize("seed", range(6))
def test_what_customers_bought_is_what_their_orders_say_whatever_happens_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(fresh, "CHUNK_DOCUMENTS", 3)
    monkeypatch.setattr(running, "ADDED_UP_FROM", 1 + seed * 4)
    shop = Shop(tmp_path, random.Random(seed))
    shop.bring()
    for _ in range(14):
        shop.act()
        Purchases.objects.settle()
        assert kept() == one_by_one(), shop.done
    assert not Uncounted.objects.exists()


def test_orders_of_an_import_count_when_it_is_done_or_somebody_settles_what_it_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fresh, "CHUNK_DOCUMENTS", 3)
    shop = Shop(tmp_path, random.Random(1))
    shop.stop()
    assert Uncounted.objects.waiting() == Order.objects.count() > 0
    assert kept() == {}
    shop.resume()
    assert Uncounted.objects.waiting() == 0
    assert kept() == one_by_one() != {}

"""The story of the demo shop: staff, rates, every outlet's files imported, what is known of people, lake and scores.

Everything follows from the day alone. Each step leaves what is there as it is, so that a shop whose making was
interrupted is finished by making it again.
"""

import datetime as dt
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.core.errors import Refused
from guanxi.core.time import day_in, now
from guanxi.customers.models import Customer
from guanxi.demo import costs, exports, goals, rates
from guanxi.demo.arriving import arrive
from guanxi.demo.outlets import CHINA_TIME, KEEP_MEMBERS, MEMBERS, OUTLETS, VISITS, WECHAT, Outlet
from guanxi.demo.people import Person, cast
from guanxi.demo.remarks import customers_of, remember
from guanxi.demo.sales import Sale, first_day, sales_of
from guanxi.demo.sign_ins import SIGN_INS, hire
from guanxi.demo.ties import introduce, tie
from guanxi.demo.twins import tell_twice
from guanxi.demo.visits import TELL, visits_of
from guanxi.identity.duplicates.searching import search_all
from guanxi.identity.graph.tracing import trace_waiting
from guanxi.identity.quality.counting import count_everybody
from guanxi.ingest.begin import discard, settle, take
from guanxi.ingest.customers import run_customers
from guanxi.ingest.events import run_events
from guanxi.ingest.models import Import
from guanxi.ingest.run import run
from guanxi.insight import daily, goods, past, valuing
from guanxi.insight.churn import keeping as churn
from guanxi.insight.models import RfmRun
from guanxi.insight.recommendation import keeping as recommendations
from guanxi.insight.scoring import score_customers
from guanxi.orders.models import Company, Order
from guanxi.warehouse import sync

NAME = "山房茶事 Hillside Tea"
PEOPLE = 20_000
EVERY_SECONDS = 1.0
Tell = Callable[[str], None]
WORKS: Mapping[str, tuple[str, Callable[..., Import]]] = {
    "customers": ("members", run_customers),
    "orders": ("orders", run),
    "events": ("visits", run_events),
}


class AnotherShop(Refused):
    """The home holds a shop already, and it is not the demo's."""


@dataclass(frozen=True)
class World:
    """Everybody and everything that was sold, made up for one day."""

    today: dt.date
    people: Sequence[Person]
    sales: Sequence[Sale]

    @classmethod
    def of(cls, today: dt.date, *, scale: float = 1.0) -> "World":
        """Make it up; the same day and scale give the same world."""
        rng = Random(f"hillside tea {today}")  # noqa: S311 - made up, and the same every time
        people = cast(rng, max(round(PEOPLE * scale), 1), today)
        tie(people, today)
        tell_twice(people, today)
        return cls(today, people, sales_of(rng, people, today))


def standing() -> RfmRun | None:
    """Give the last step of a complete demo shop; None where it has to be made, AnotherShop where it must not be."""
    company = Company.current()
    if company is None and not Staff.objects.exists() and not Customer.objects.exists():
        return None
    if company is None or company.demo_on is None:
        raise AnotherShop(
            "This home holds another shop, which the demo leaves alone. Name an empty folder for the demo: "
            "GUANXI_HOME=.guanxi-demo guanxi demo"
        )
    return RfmRun.latest()


def build(today: dt.date | None = None, *, scale: float = 1.0, tell: Tell = lambda _sentence: None) -> dict[str, Any]:
    """Make the demo shop, or what is missing of it, and say what it holds."""
    begun = time.monotonic()
    if standing() is None:
        _build(today or day_in(CHINA_TIME, now()), scale, tell)
    return facts() | {"seconds": round(time.monotonic() - begun, 1)}


def facts() -> dict[str, Any]:
    """Say what the demo shop holds and who may sign in."""
    company = Company.current()
    return {
        "shop": NAME,
        "day": company and company.demo_on,
        "stores": len(OUTLETS),
        "customers": Customer.objects.filter(survivor=None).count(),
        "orders": Order.objects.count(),
        "sign_ins": [each.told for each in SIGN_INS],
    }


def _build(today: dt.date, scale: float, tell: Tell) -> None:
    company = Company.found(NAME, base_currency=rates.BASE, time_zone=CHINA_TIME, demo_on=today)
    today = company.demo_on or today
    tell("Making people and their orders up")
    world = World.of(today, scale=scale)
    rates.quote(first_day(today), today)
    staff = hire()
    with tempfile.TemporaryDirectory(prefix="guanxi-demo-") as folder:
        for outlet in OUTLETS:
            for delivery in _deliveries(outlet, world, Path(folder), staff[Role.CLERK]):
                _import(delivery, tell)
    tell("Writing down consents, tags and notes")
    remember(world.people, staff, today)
    tell("Finding who shares an address")
    introduce(world.people, customers_of(world.people), staff)
    costs.enter(len(world.people), today, by=staff[Role.MARKETER])
    trace_waiting()
    tell("Looking for customers who are known twice")
    search_all()
    tell("Counting how good the data is")
    count_everybody()
    if today == day_in(CHINA_TIME, now()):
        tell("Having visitors look around")
        arrive(staff[Role.OWNER])
    tell("Bringing the lake up to date")
    sync.sync(note=tell)
    tell("Scoring the customers")
    past.remember(score_customers(today))
    tell("Adding up the days of the shop and its goods")
    daily.compute(today)
    goals.aim(staff, today)
    goods.compute()
    tell("Estimating what customers will still buy")
    valuing.compute(today)
    tell("Estimating who will come back, and what to recommend")
    churn.compute(today)
    recommendations.compute(today)


@dataclass(frozen=True)
class Delivery:
    """Files of an outlet, how they are to be read, and who imports them."""

    outlet: Outlet
    subject: str
    files: Sequence[Path]
    mapping: Mapping[str, Any]
    by: Staff


def _deliveries(outlet: Outlet, world: World, folder: Path, by: Staff) -> Iterator[Delivery]:
    """Write what an outlet's platform would give out: the members where it keeps a list, the orders, then what happened
    on its pages.
    """
    if outlet in KEEP_MEMBERS:
        people = [person for person in world.people if outlet.code in person.numbers]
        mapping = {**MEMBERS, "store": outlet.store, "rules": {"namespace": outlet.source}}
        yield Delivery(outlet, "customers", [exports.write_members(folder, outlet, people)], mapping, by)
    mine = [sale for sale in world.sales if sale.outlet is outlet]
    rng = Random(f"{outlet.code} {world.today}")  # noqa: S311 - made up, and the same every time
    mapping = {"rules": _rules(outlet), **outlet.mapping, "store": outlet.store}
    yield Delivery(outlet, "orders", exports.write(folder, outlet, mine, rng), mapping, by)
    if outlet in TELL:
        seen = visits_of(world.sales, outlet, world.today)
        yield Delivery(outlet, "events", [exports.write_visits(folder, outlet, seen)], _telling(outlet), by)


def _telling(outlet: Outlet) -> dict[str, Any]:
    """How the file of what happened is read: people have the numbers of the outlet's orders."""
    return {**VISITS, "store": outlet.store, "rules": _rules(outlet)}


def _rules(outlet: Outlet) -> dict[str, str]:
    """Whose numbers an own mapping's are, and which; the counter's receipts are paid when they are written."""
    return {
        "namespace": outlet.source, "paid": "by-state" if "status" in outlet.mapping else "always",
        "customer_kind": "openid" if outlet is WECHAT else "external_id",
    }  # fmt: skip


def _import(told: Delivery, tell: Tell) -> None:
    """Import files, or go on with their import; does nothing where it is done."""
    former = Import.objects.filter(subject=told.subject, store_code=told.outlet.code).order_by("-pk").first()
    if former and former.state == Import.State.DONE:
        return
    batch = former if former and former.can_resume else _begun(told)
    what, work = WORKS[told.subject]
    work(batch, progress=_progress(f"{told.outlet.name}, {what}", tell), wait=None)


def _begun(told: Delivery) -> Import:
    batch = take(told.files, subject=told.subject, by=told.by)
    try:
        settle(batch, preset=told.mapping.get("preset", ""), mapping=told.mapping, store=told.outlet.code)
    except Exception:
        discard(batch)
        raise
    return batch


def _progress(what: str, tell: Tell) -> Callable[[Import], None]:
    """Tell how far an import is, not too often."""
    told: dict[str, float] = defaultdict(float)

    def progress(batch: Import) -> None:
        if time.monotonic() - told[what] >= EVERY_SECONDS:
            told[what] = time.monotonic()
            tell(f"{what}: {batch.rows_done:,} of {batch.rows_total:,} rows" if batch.rows_total else what)

    return progress

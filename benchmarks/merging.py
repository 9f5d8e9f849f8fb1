"""How long a merge of two customers takes, one of whom has a thousand facts, and taking it back.

Run with `python -m benchmarks.merging [facts]`; GUANXI_HOME or GUANXI_DATABASE_URL names an empty book. The reference
is the least that anybody has to do: Django's own update of the owner of each table's rows, and back, in the same run.
Prints `name value unit ratio-to-what ratio` lines.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
os.environ.setdefault("GUANXI_HOME", tempfile.mkdtemp(prefix="guanxi-bench-"))

import django

django.setup()

from django.db import transaction
from django.utils import timezone

from guanxi.accounts.models import Staff
from guanxi.core import book
from guanxi.customers.models import Consent, Customer, Event, Note, Tag, Tagging
from guanxi.identity.following import fact_models
from guanxi.identity.merging import merge, unmerge
from guanxi.orders.models import Order, Purchases, Refund, Store

LIMIT_MS, ROUNDS, OTHERS = 200, int(os.environ.get("GUANXI_BENCH_ROUNDS", "7")), 200


def person(name: str) -> Customer:
    """Make a customer with a house."""
    customer = Customer.objects.create(name=name, first_source="own")
    customer.profiles.create(source="own", key=customer.public_id, home=customer)
    return customer


def fill(customer: Customer, facts: int, staff: Staff, store: Store) -> None:
    """Give a customer facts as a good customer has: half events, a third orders, the rest by hand."""
    now, whose = timezone.now(), {"customer": customer, "profile": customer.house_profile}
    orders, refunds, notes, tags = facts // 3, facts // 50, facts // 20, facts // 20
    told = {"placed_at": now, "placed_on": now.date(), "paid_at": now, "currency": "CNY", "source": "own"}
    Order.objects.bulk_create(
        Order(store=store, number=f"{customer.pk}-{n}", net_minor=9_900, net_base_minor=9_900, **told, **whose)
        for n in range(orders)
    )
    told = {"refunded_at": now, "refunded_on": now.date(), "currency": "CNY", "source": "own"}
    Refund.objects.bulk_create(
        Refund(store=store, number=f"{customer.pk}-{n}", amount_minor=100, **told, **whose) for n in range(refunds)
    )
    Note.objects.bulk_create(Note(text=f"note {n}", by=staff, **whose) for n in range(notes))
    words = [Tag.objects.called(f"tag {n}") for n in range(tags)]
    Tagging.objects.bulk_create(Tagging(tag=tag, by=staff, **whose) for tag in words)
    Consent.objects.bulk_create(Consent(channel=each, source="own", **whose) for each in ("sms", "email"))
    left = facts - orders - refunds - notes - tags - 2
    Event.objects.bulk_create(
        Event(name="Product Viewed", occurred_at=now, source="own", properties={"n": n}, **whose) for n in range(left)
    )
    Purchases.objects.recount([customer.pk])


def timed(act: Callable[[], object]) -> float:
    """Do something and give its milliseconds."""
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1_000


@transaction.atomic
def owned_by(customer: Customer, profile: int) -> None:
    """Write who owns the facts of a profile, and nothing else: the least there is to do."""
    for model in fact_models():
        model._default_manager.filter(profile=profile).update(customer=customer)


def main(facts: int = 1_000) -> None:
    """Merge and take back, again and again, beside bare updates."""
    book.prepare()
    staff = Staff.objects.create(sign_in_name="bench", role="agent")
    store = Store.open("bench", name="Bench", channel="own", currency="CNY", time_zone="Asia/Shanghai")
    for n in range(OTHERS):
        fill(person(f"other {n}"), 50, staff, store)
    one, other, third = person("one"), person("other"), person("third")
    fill(other, facts, staff, store)
    house = other.founders.get().pk
    merged, undone, there, back = [], [], [], []
    for _round in range(ROUNDS):
        there.append(timed(lambda: owned_by(third, house)))
        back.append(timed(lambda: owned_by(other, house)))
        merged.append(timed(lambda: acts.append(merge([one.pk, other.pk], by=staff)[-1])))
        undone.append(timed(lambda: unmerge(acts[-1], by=staff)))
    for name, times, bare in (("merge", merged, there), ("unmerge", undone, back)):
        middle, least = statistics.median(times), statistics.median(bare)
        print(f"{name}_{facts}_facts {middle:.1f} ms limit_{LIMIT_MS}_ms {middle / LIMIT_MS:.2f}")
        print(f"{name}_{facts}_facts {middle:.1f} ms bare_updates_{least:.1f}_ms {middle / least:.2f}")
        print(f"{name}_{facts}_facts_worst {max(times):.1f} ms limit_{LIMIT_MS}_ms {max(times) / LIMIT_MS:.2f}")


acts: list = []

if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))

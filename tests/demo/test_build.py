import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F, Sum

from guanxi.accounts.models import Staff
from guanxi.customers.models import Consent, Customer, Habits, Identifier, Note, SourceProfile, Tagging, Untold
from guanxi.demo.arriving import VISITORS
from guanxi.demo.build import AnotherShop, build, standing
from guanxi.ingest.collection import inbox
from guanxi.ingest.models import EventSource, Import, Quarantined, SourceHour
from guanxi.orders.models import Company, Order

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = dt.date(2026, 11, 26)
SCALE = 0.004


@pytest.fixture
def lake_home(tmp_path: Path, settings: Any) -> Path:
    """A home of its own for the lake and the imports."""
    settings.HOME, settings.LAKE = tmp_path, str(tmp_path / "lake")
    return tmp_path


def book() -> dict[str, list[tuple[Any, ...]]]:
    """What the book holds, without the ids and the moments of its making."""
    orders = Order.objects.order_by("store__code", "number")
    whose = F("customer__name")
    return {
        "customers": list(
            Customer.objects.order_by("name", "created_at").values_list(
                "name", "gender", "birthday", "province", "city", "country", "first_source", "created_at"
            )
        ),
        "identifiers": sorted(Identifier.objects.values_list("kind", "digest", "strength")),
        "orders": list(
            orders.values_list(
                "store__code", "number", whose, "placed_at", "paid_at", "payment_state", "fulfilment_state",
                "order_state", "currency", "total_minor", "net_minor", "net_base_minor",
            )
        ),
        "lines": sorted(orders.values_list("number", "lines__sku", "lines__quantity", "lines__amount_minor"), key=str),
        "consents": sorted(
            Consent.objects.values_list("customer__name", "channel", "agreed_at", "withdrawn_at"), key=str
        ),
        "tags": sorted(Tagging.objects.values_list("customer__name", "tag__group__name", "tag__name", "tagged_at")),
        "notes": sorted(Note.objects.values_list("customer__name", "text", "by__sign_in_name", "written_at")),
    }  # fmt: skip


def test_making_it_again_changes_nothing(lake_home: Path) -> None:
    build(TODAY, scale=SCALE)
    before, imports = book(), Import.objects.count()
    build(TODAY + dt.timedelta(days=3), scale=SCALE)
    assert (book(), Import.objects.count()) == (before, imports)


def test_a_making_that_was_interrupted_is_finished_by_the_next_one(
    lake_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unplugged(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("guanxi.demo.build.remember", unplugged)
        with pytest.raises(KeyboardInterrupt):
            build(TODAY, scale=SCALE)
    assert standing() is None
    assert Consent.objects.count() == 0
    build(TODAY + dt.timedelta(days=1), scale=SCALE)
    assert standing() is not None
    assert Company.current().demo_on == TODAY  # type: ignore[union-attr]
    assert Consent.objects.count() > 0


def test_two_makings_of_one_day_are_equal(lake_home: Path) -> None:
    build(TODAY, scale=SCALE)
    first = book()
    call_command("flush", verbosity=0, interactive=False)
    build(TODAY, scale=SCALE)
    assert book() == first


@pytest.mark.usefixtures("lake_home", "tea_house")
def test_a_real_shop_is_left_alone() -> None:
    with pytest.raises(AnotherShop, match="GUANXI_HOME="):
        build(TODAY, scale=SCALE)
    assert Customer.objects.count() == Staff.objects.count() == 0


def test_the_pages_of_a_shop_made_for_today_send(lake_home: Path) -> None:
    build(scale=SCALE)
    pages = EventSource.objects.with_keys().filter(has_keys=True)
    assert [each.namespace for each in pages.order_by("pk")] == ["hillside", "mini"]
    seen = {each.pk: SourceHour.objects.filter(source=each).aggregate(n=Sum("events"))["n"] for each in pages}
    assert min(seen.values()) >= VISITORS
    devices = SourceProfile.objects.filter(is_device=True, key__contains="-now-")
    assert devices.count() == 2 * VISITORS == Habits.objects.filter(profile__in=devices).count()
    aside = Quarantined.objects.filter(source__in=pages)
    assert sorted(aside.values_list("reason", flat=True)) == ["bad_id", "nobody"]
    assert not Untold.objects.exists()
    assert inbox.waiting() == 0

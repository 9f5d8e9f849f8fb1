import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from guanxi.core import effects

done: list[str] = []


def points(order: int) -> None:
    done.append(f"points {order}")


def stock(order: int) -> None:
    done.append(f"stock {order}")


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effects, "_effects", effects.defaultdict(list))
    done.clear()
    effects.on("Order Refunded", points, order=20)
    effects.on("Order Refunded", stock, order=10)
    effects.on("Order Refunded", stock, order=10)


@pytest.mark.django_db
def test_effects_happen_in_their_declared_order() -> None:
    with transaction.atomic():
        effects.perform("Order Refunded", order=7)
        effects.perform("Nobody Listens", order=7)
    assert done == ["stock 7", "points 7"]


@pytest.mark.django_db(transaction=True)
def test_effects_outside_a_transaction_are_refused() -> None:
    with pytest.raises(TransactionManagementError, match="Order Refunded"):
        effects.perform("Order Refunded", order=7)
    assert done == []


def test_the_effects_of_a_fact_can_be_listed() -> None:
    assert effects.registered() == {"Order Refunded": [f"{__name__}.stock", f"{__name__}.points"]}

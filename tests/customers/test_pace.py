"""As much at once as leaves others their turn to write."""

from collections.abc import Callable
from time import sleep

import pytest

from guanxi.accounts.models import Staff
from guanxi.customers.pace import LASTS, Pace


def lasting(seconds: float, count: int) -> Callable[[], int]:
    def work() -> int:
        sleep(seconds)
        return count

    return work


@pytest.mark.django_db(transaction=True)
class TestASet:
    def test_is_made_smaller_by_what_took_long_but_never_smaller_than_the_least(self) -> None:
        kept = Pace(100, least=40, most=500)
        assert kept.keep(lasting(LASTS * 1.5, 100)) == 100
        assert 40 <= kept.size < 100
        kept.keep(lasting(LASTS * 20, kept.size))
        assert kept.size == 40

    def test_is_made_larger_by_what_was_quick_but_never_larger_than_the_most(self) -> None:
        kept = Pace(100, least=40, most=500)
        kept.keep(lasting(0, 100))
        assert kept.size == 500

    def test_stays_as_large_as_it_was_after_a_few(self) -> None:
        kept = Pace(100, least=40, most=500)
        kept.keep(lasting(LASTS * 3, 49))
        assert kept.size == 100

    def test_is_all_or_nothing(self) -> None:
        def half() -> int:
            Staff.objects.create(sign_in_name="half")
            raise LookupError

        with pytest.raises(LookupError):
            Pace(1, least=1, most=1).keep(half)
        assert not Staff.objects.filter(sign_in_name="half").exists()

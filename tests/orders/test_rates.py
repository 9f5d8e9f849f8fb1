import datetime as dt
from decimal import Decimal

import pyarrow as pa

from guanxi.orders.models import Company, ExchangeRate
from guanxi.orders.rates import base_rates

DAY = dt.date(2024, 11, 1)


def test_a_rate_holds_from_its_day_on_until_the_next(db: None) -> None:
    ExchangeRate.objects.quote("USD", "CNY", DAY, Decimal("7.1"))
    ExchangeRate.objects.quote("USD", "CNY", DAY + dt.timedelta(days=30), Decimal("7.2"))
    rate = ExchangeRate.objects.rate
    assert rate("USD", "CNY", DAY - dt.timedelta(days=1)) is None
    assert rate("USD", "CNY", DAY + dt.timedelta(days=29)) == Decimal("7.1")
    assert rate("USD", "CNY", DAY + dt.timedelta(days=30)) == Decimal("7.2")


def test_a_rate_quoted_again_takes_the_place_of_the_first(db: None) -> None:
    for rate in ("7.1", "7.15"):
        ExchangeRate.objects.quote("USD", "CNY", DAY, Decimal(rate))
    assert ExchangeRate.objects.get().rate == Decimal("7.15")


def test_a_company_is_founded_once(db: None) -> None:
    first = Company.found("山房茶事", base_currency="CNY", time_zone="Asia/Shanghai")
    again = Company.found("Another", base_currency="USD", time_zone="UTC", demo_on=DAY)
    assert first == again == Company.current()
    assert (again.name, again.base_currency, again.demo_on) == ("山房茶事", "CNY", None)


def test_minor_units_are_valued_in_minor_units_of_the_base_currency_on_their_day(db: None) -> None:
    Company.found("山房茶事", base_currency="CNY", time_zone="Asia/Shanghai")
    ExchangeRate.objects.quote("JPY", "CNY", DAY, Decimal("0.05"))
    ExchangeRate.objects.quote("JPY", "CNY", DAY + dt.timedelta(days=30), Decimal("0.04"))
    days = [DAY - dt.timedelta(days=1), DAY, DAY + dt.timedelta(days=31), DAY, DAY]
    found = base_rates(pa.chunked_array([["JPY", "JPY", "JPY", "CNY", "USD"]]), pa.chunked_array([days]))
    assert found.to_pylist() == [None, 5.0, 4.0, 1.0, None]

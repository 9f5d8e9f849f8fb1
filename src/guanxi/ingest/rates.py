"""The company's base currency and what foreign money was worth in it, looked up once a day and currency."""

from datetime import date
from decimal import Decimal

from guanxi.core.money import to_major, to_minor
from guanxi.orders.models import Company, ExchangeRate


class Rates:
    """Exchange rates of one import."""

    def __init__(self) -> None:
        company = Company.current()
        self.base_currency = company.base_currency if company else ""
        self._found: dict[tuple[str, str], Decimal | None] = {}

    def base(self, minor: int, currency: str, day: str | date) -> int | None:
        """Value an amount in the base currency; None where no rate was given by that day."""
        if currency == self.base_currency:
            return minor
        rate = self._rate(currency, str(day))
        return None if rate is None else to_minor(to_major(minor, currency) * rate, self.base_currency)

    def _rate(self, currency: str, day: str) -> Decimal | None:
        if (currency, day) not in self._found:
            found = ExchangeRate.objects.rate(currency, self.base_currency, date.fromisoformat(day))
            self._found[currency, day] = found
        return self._found[currency, day]

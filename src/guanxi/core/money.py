"""Money: amounts in whole minor units of an ISO 4217 currency, unit prices with four exact decimals."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.numbers import get_currency_precision, list_currencies
from django.db import models

SCALE = 10_000
CURRENCIES = frozenset(list_currencies())


def exponent(currency: str) -> int:
    """How many decimals the currency's minor unit has: 2 for CNY, 0 for JPY, 3 for KWD."""
    return get_currency_precision(currency)


def to_minor(amount: Decimal, currency: str) -> int:
    """Round an amount in major units to minor units, half away from zero.

    >>> to_minor(Decimal("1.005"), "CNY")
    101
    """
    return int((amount * 10 ** exponent(currency)).quantize(Decimal(1), ROUND_HALF_UP))


def to_major(minor: int, currency: str) -> Decimal:
    """Turn minor units into an exact decimal of major units."""
    return Decimal(minor).scaleb(-exponent(currency))


def stored(value: Decimal) -> int:
    """Write a decimal of four places as ten-thousandths.

    >>> stored(Decimal("2.5500"))
    25500
    """
    return int(value.scaleb(4))


class FixedPointField(models.BigIntegerField):  # type: ignore[type-arg]
    """An exact decimal with four places, stored as ten-thousandths: SQLite would keep a DecimalField as a float."""

    description = "exact decimal with four places"
    _pyi_private_set_type: Decimal | int | str  # type: ignore[assignment]
    _pyi_private_get_type: Decimal  # type: ignore[assignment]
    _pyi_lookup_exact_type: Decimal | int  # type: ignore[assignment]

    def from_db_value(self, value: int | None, *_: Any) -> Decimal | None:
        """Read ten-thousandths."""
        return None if value is None else Decimal(value).scaleb(-4)

    def to_python(self, value: Any) -> Decimal | None:
        """Accept what a form or a fixture holds."""
        return None if value is None else Decimal(str(value))

    def get_prep_value(self, value: Any) -> Any:
        """Write ten-thousandths, rounding half away from zero beyond four places."""
        if value is None or hasattr(value, "resolve_expression"):
            return value
        exact = value if isinstance(value, Decimal) else Decimal(str(value))
        return int(exact.scaleb(4).to_integral_value(ROUND_HALF_UP))


class CurrencyField(models.CharField):  # type: ignore[type-arg]
    """An ISO 4217 code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        super().__init__(*args, **kwargs)

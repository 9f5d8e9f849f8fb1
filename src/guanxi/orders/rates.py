"""What foreign money was worth on the days it came in: an order that was given back whole has no other trace of it."""

from bisect import bisect_right
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from guanxi.core.money import exponent
from guanxi.orders.models import Company, ExchangeRate

Steps = tuple[list[date], list[float]]


def base_rates(currencies: pa.ChunkedArray, days: pa.ChunkedArray) -> pa.Array:
    """Find how many minor units of the base currency one of each currency was worth on its day; null where unknown."""
    company = Company.current()
    base = company.base_currency if company else ""
    if pc.all(pc.equal(currencies, base)).as_py() is not False:
        return pa.repeat(pa.scalar(1.0), len(currencies))
    known = {currency: _steps(currency, base) for currency in pc.unique(currencies).to_pylist()}
    pairs = zip(currencies.to_pylist(), days.to_pylist(), strict=True)
    return pa.array([1.0 if currency == base else _on(known[currency], day) for currency, day in pairs], pa.float64())


def _steps(currency: str, base: str) -> Steps:
    """List the days from which on each rate held, oldest first."""
    quoted = ExchangeRate.objects.between(currency, base).values_list("on", "rate").reverse()
    scale = 10.0 ** (exponent(base) - exponent(currency)) if base else 1.0
    days, rates = zip(*quoted, strict=True) if quoted else ((), ())
    return list(days), [float(rate) * scale for rate in rates]


def _on(steps: Steps, day: date) -> float | None:
    days, rates = steps
    at = bisect_right(days, day)
    return rates[at - 1] if at else None

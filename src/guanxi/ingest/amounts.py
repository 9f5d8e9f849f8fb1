"""Money of imported documents, exactly: ten-thousandths in, minor units out."""

import polars as pl

from guanxi.core.money import exponent


def minor(value: pl.Expr, currency: pl.Expr, currencies: list[str]) -> pl.Expr:
    """Round ten-thousandths to minor units of the row's currency, half away from zero."""
    return _per_currency(value.cast(pl.Int128), currency, currencies, places=4)


def line_amount(quantity: pl.Expr, price: pl.Expr, currency: pl.Expr, currencies: list[str]) -> pl.Expr:
    """Multiply two ten-thousandths in 128 bits and round once."""
    product = quantity.cast(pl.Int128) * price.cast(pl.Int128)
    return _per_currency(product, currency, currencies, places=8)


def _per_currency(value: pl.Expr, currency: pl.Expr, currencies: list[str], *, places: int) -> pl.Expr:
    if len(currencies) == 1:
        return _rounded(value, 10 ** (places - exponent(currencies[0])))
    return pl.coalesce(
        pl.when(currency == code).then(_rounded(value, 10 ** (places - exponent(code)))) for code in currencies
    )


def _rounded(value: pl.Expr, divisor: int) -> pl.Expr:
    half = pl.lit(divisor // 2, pl.Int128)
    size = ((value.abs() + half) // pl.lit(divisor, pl.Int128)).cast(pl.Int64)
    return pl.when(value < 0).then(-size).otherwise(size)

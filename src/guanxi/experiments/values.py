"""Cells of a metric as numbers: plain ones, grouped ones, amounts and percentages, yes and no."""

import re

import polars as pl

from guanxi.guard.filein import unwrap

LARGEST = 1e150  # the squares of greater ones leave what a machine counts with
YES = ("true", "yes", "t", "y", "是")
NO = ("false", "no", "f", "n", "否")
NOTHING = ("na", "n/a", "#n/a", "nan", "null", "none", "-", "--", "\\n")
WORDS = dict.fromkeys(YES, 1.0) | dict.fromkeys(NO, 0.0)
FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－＋％￥−", "0123456789.,-+%¥-")
MONEY = r"^([-+]?)\s*[¥$€£]\s*"
GROUPED = r"^[-+]?\d{1,3}(,\d{3})+(\.\d+)?%?$"
COMMA = r"^[-+]?\s*[¥$€£]?\s*\d[\d.]*[,，]\d+\s*[%€]?$"
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?")


def read(raw: pl.Series) -> pl.DataFrame:
    """Read text cells: `value` a double or null, `is_word` for yes and no, `is_text` for what is neither nor blank."""
    value = raw.cast(pl.Float64, strict=False)
    plain = pl.DataFrame({"raw": raw, "value": value}).with_columns(
        value=pl.when(pl.col("value").abs() < LARGEST).then("value")
    )
    if not (value.is_null() & raw.is_not_null()).any() and plain["value"].null_count() == raw.null_count():
        return plain.select("value", is_word=False, is_text=False)
    return _with_odd_ones(plain)


def with_comma(texts: pl.Series) -> str:
    """Give the first of some text cells that is a number with a decimal comma, or nothing.

    >>> with_comma(pl.Series(["tea", "0,53"])), with_comma(pl.Series(["1.234,5"])), with_comma(pl.Series(["1, 2"]))
    ('0,53', '1.234,5', '')
    """
    bare = pl.DataFrame({"raw": texts}, schema={"raw": pl.String}).select(bare=unwrap(pl.col("raw")))["bare"]
    return str(next(iter(bare.filter(bare.str.contains(COMMA))), ""))


def _with_odd_ones(plain: pl.DataFrame) -> pl.DataFrame:
    """Read each different odd cell once."""
    odd = pl.col("value").is_null() & pl.col("raw").is_not_null()
    cells = plain.filter(odd).select("raw").unique()
    bare = cells.select("raw", bare=unwrap(pl.col("raw")).str.to_lowercase())
    known = bare.with_columns(word=pl.col("bare").replace_strict(WORDS, default=None, return_dtype=pl.Float64))
    read_again = known.with_columns(
        again=pl.coalesce("word", pl.Series("again", map(_number, known["bare"]), dtype=pl.Float64)),
        is_word=pl.col("word").is_not_null(),
        is_text=pl.col("word").is_null() & pl.col("bare").is_not_null() & ~pl.col("bare").is_in(NOTHING),
    )
    joined = plain.join(read_again, on="raw", how="left", maintain_order="left")
    return joined.select(
        value=pl.coalesce("value", "again"),
        is_word=pl.col("is_word").fill_null(value=False) & pl.col("value").is_null(),
        is_text=pl.col("is_text").fill_null(value=False) & pl.coalesce("value", "again").is_null(),
    )


def _number(cell: str | None) -> float | None:
    """Read a number as people write it.

    >>> [_number(cell) for cell in ("1,234.5", "¥12", "-$3", "12.5%", "１２", "1,5", "tea", None)]
    [1234.5, 12.0, -3.0, 0.125, 12.0, None, None, None]
    """
    bare = re.sub(MONEY, r"\1", (cell or "").translate(FULL_WIDTH))
    bare = bare.replace(",", "") if re.match(GROUPED, bare) else bare
    digits = bare.removesuffix("%").rstrip()
    if not NUMBER.fullmatch(digits):
        return None
    value = float(digits) / (100 if bare.endswith("%") else 1)
    return value if abs(value) < LARGEST else None

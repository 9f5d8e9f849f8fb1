"""From cells of text to typed columns: the pure first half of an import.

A cleaned frame has `_row` (the row a person sees), and for each used field one column: text, ten-thousandths as Int64
for numbers, naive local Datetime("us") for times, Date for dates. A row with a cell that cannot be read is taken out,
and comes back as a rejection that names row, column, value and reason.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from guanxi.core.money import CURRENCIES, SCALE
from guanxi.guard.filein import unwrap
from guanxi.ingest import own
from guanxi.ingest.fields import Field, Level, Type

LARGEST = 1e11
LARGEST_OF_LINE = 1e8  # so that quantity x price stays inside 64 bits of minor units
TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y",
    "%d/%m/%y %H:%M",
    "%m/%d/%y %H:%M",
)
OFFSET = " %z"
UNIX = "unix"
LATEST_SECOND = 2**32  # the year 2106
EARLIEST_YEAR = 1800  # "12/1/10" read by a format of four-digit years would be the year 10
MONEY_SIGNS = r"^[¥￥$€£]\s*|\s*元$"
BLANKS = " \t\r\n\x00\u00a0\u3000\u200b\ufeff"
NO_REJECTIONS = pl.DataFrame(schema={"_row": pl.Int64, "column": pl.String, "value": pl.String, "code": pl.String})
THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
TIME_SHAPE = r"^\D*\d{1,4}\D{1,2}\d{1,2}\D{1,2}\d{1,4}|^\d{8}$"


@dataclass(frozen=True, kw_only=True)
class Cleaning:
    """How the cells of one file become fields: field → column, constants, the time format, what must be there."""

    subject: str
    columns: Mapping[str, str]
    constants: Mapping[str, str]
    required: frozenset[str]
    time_formats: Sequence[str]
    negative_quantity: bool = False


@dataclass(frozen=True)
class Cleaned:
    """A typed frame of the good rows, and the rejections: `_row, column, value, code`."""

    good: pl.DataFrame
    rejected: pl.DataFrame


def time_formats_of(cells: pl.DataFrame, columns: Sequence[str], given: str | None) -> tuple[str, ...]:
    """Order the known formats by how many cells of a sample each can read, so that 03/04 means what 25/04 proves.

    A `given` format is the only one used; "unix" is seconds since 1970.
    """
    if given:
        return (given,)
    texts = (
        pl.concat([cells.get_column(name).alias("t") for name in columns]) if columns else pl.Series("t", [], pl.String)
    )
    texts = texts.drop_nulls().head(20_000)
    reads = {form: _read_times(texts, form).count() for form in TIME_FORMATS}
    return tuple(sorted((form for form in TIME_FORMATS if reads[form]), key=lambda form: -reads[form])) or TIME_FORMATS


def _read_times(texts: pl.Series, form: str) -> pl.Series:
    times = texts.str.to_datetime(form, strict=False, time_unit="us")
    return times.filter(times.dt.year() >= EARLIEST_YEAR)


def clean(cells: pl.DataFrame, how: Cleaning) -> Cleaned:
    """Type the cells of one batch."""
    names = [*how.columns, *how.constants]
    fields = {name: own.field_of(name, how.subject) for name in names}
    raw = {name: _bare(cells.get_column(column)) for name, column in how.columns.items()}
    raw |= {name: pl.repeat(value, cells.height, eager=True) for name, value in how.constants.items()}
    frame = pl.DataFrame(
        {
            "_row": cells.get_column("_row"),
            **{f"{name}\0raw": values for name, values in raw.items()},
            **{name: _typed(fields[name], raw[name], how) for name in names},
            **{
                f"{name}\0unfit": own.faults(name, raw[name], how.subject)
                for name in names
                if name.startswith(own.PREFIX)
            },
        }
    )
    faults = [f"{name}\0fault" for name in names]
    frame = frame.with_columns(_fault(fields[name], how).alias(f"{name}\0fault") for name in names)
    if all(frame.get_column(fault).null_count() == frame.height for fault in faults):
        return Cleaned(frame.select("_row", *names), NO_REJECTIONS)
    bad = pl.any_horizontal(pl.col(faults).is_not_null())
    return Cleaned(frame.filter(~bad).select("_row", *names), _rejections(frame.filter(bad), how, names))


def _bare(cells: pl.Series) -> pl.Series:
    """Take wrappings and blanks off, where any cell has them; an empty cell is null."""
    if (cells.str.starts_with("=") | cells.str.starts_with("'")).any():
        cells = cells.alias("c").to_frame().select(unwrap(pl.col("c"))).to_series()
    else:
        cells = cells.str.strip_chars(BLANKS)
    return cells.replace("", None) if (cells == "").any() else cells


def _typed(field: Field, raw: pl.Series, how: Cleaning) -> pl.Series:
    match field.type:
        case Type.NUMBER:
            return _numbers(raw, LARGEST_OF_LINE if field.level is Level.LINE else LARGEST)
        case Type.TIME:
            return _times(raw, how.time_formats)
        case Type.DATE:
            return _times(raw, how.time_formats).dt.date()
        case _:
            return raw.str.slice(0, field.limit) if field.cut else raw


def _numbers(raw: pl.Series, largest: float) -> pl.Series:
    """Read decimals as ten-thousandths: doubles hold them exactly up to eleven digits before the point."""
    values = raw.cast(pl.Float64, strict=False)
    if values.null_count() > raw.null_count():
        bare = raw.str.replace_all(MONEY_SIGNS, "").str.strip_chars()
        grouped = bare.str.contains(THOUSANDS)
        values = bare.str.replace_all(",", "", literal=True).zip_with(grouped, bare).cast(pl.Float64, strict=False)
    value = pl.col("v")
    scaled = (value.abs() * SCALE + 0.5).floor() * value.sign()
    fits = value.is_finite() & (value.abs() < largest)
    return values.alias("v").to_frame().select(pl.when(fits).then(scaled).cast(pl.Int64)).to_series()


def _times(raw: pl.Series, formats: Sequence[str]) -> pl.Series:
    """Read instants of the store's clock, each by the first format that fits."""
    if tuple(formats) == (UNIX,):
        seconds = raw.cast(pl.Float64, strict=False)
        sane = (seconds.is_finite() & (seconds.abs() < LATEST_SECOND)).fill_null(value=False)
        return _instants(seconds, sane)
    text = raw.str.strip_suffix("Z").str.strip_suffix("+00:00")
    if any(form.endswith(OFFSET) for form in formats):  # what stands before a shop's own offset is the shop's clock
        text = text.str.replace(r" ?[+-]\d{2}:?\d{2}$", "")
        formats = [form.removesuffix(OFFSET) for form in formats]
    times = pl.Series(raw.name, [None], dtype=pl.Datetime("us")).new_from_index(0, len(raw))
    for form in formats:
        if times.null_count() == raw.null_count():
            break
        read = text.str.to_datetime(form, strict=False, time_unit="us", exact=True)
        times = times.zip_with(times.is_not_null() | (read.dt.year() < EARLIEST_YEAR).fill_null(value=True), read)
    return times


def _instants(seconds: pl.Series, sane: pl.Series) -> pl.Series:
    """Read seconds since 1970; a number that is no time anybody lived in is none."""
    told = seconds.zip_with(sane, pl.Series(seconds.name, [None], dtype=pl.Float64).new_from_index(0, len(seconds)))
    return (told * 1_000_000).round().cast(pl.Int64).cast(pl.Datetime("us"))


def _fault(field: Field, how: Cleaning) -> pl.Expr:
    """Say what is wrong with a cell as a code, or null."""
    raw, value = pl.col(f"{field.name}\0raw"), pl.col(field.name)
    faults: list[tuple[pl.Expr, pl.Expr]] = []
    if field.name in how.required:
        faults.append((raw.is_null(), pl.lit("missing")))
    faults.extend(_type_faults(field, raw, value))
    if field.name == "quantity" and not how.negative_quantity:
        faults.append((value < 0, pl.lit("negative_quantity")))
    if field.name == "currency":
        faults.append(
            (raw.is_not_null() & ~raw.str.to_uppercase().is_in(sorted(CURRENCIES)), pl.lit("unknown_currency"))
        )
    if field.name.startswith(own.PREFIX):
        faults.append((pl.col(f"{field.name}\0unfit"), pl.lit("unfit")))
    if field.type is Type.TEXT and not field.cut:
        faults.append((raw.str.len_chars() > field.limit, pl.lit("too_long")))
    return pl.coalesce([*(pl.when(test).then(code) for test, code in faults), pl.lit(None, pl.String)])


def _type_faults(field: Field, raw: pl.Expr, value: pl.Expr) -> Iterator[tuple[pl.Expr, pl.Expr]]:
    unread = raw.is_not_null() & value.is_null()
    if field.type is Type.NUMBER:
        yield unread, pl.lit("not_a_number")
    if field.type in {Type.TIME, Type.DATE}:
        yield unread & raw.str.contains(TIME_SHAPE), pl.lit("impossible_date")
        yield unread, pl.lit("not_a_date")


def _rejections(bad: pl.DataFrame, how: Cleaning, names: Sequence[str]) -> pl.DataFrame:
    """Name the first fault of each bad row."""
    faulty = {name: pl.col(f"{name}\0fault").is_not_null() for name in names}

    def first(value: Mapping[str, pl.Expr]) -> pl.Expr:
        return pl.coalesce([pl.when(faulty[name]).then(value[name]) for name in names])

    return bad.select(
        "_row",
        column=first({name: pl.lit(how.columns.get(name, name)) for name in names}),
        value=first({name: pl.col(f"{name}\0raw").fill_null("").cast(pl.String) for name in names}),
        code=first({name: pl.col(f"{name}\0fault") for name in names}),
    )

"""Rows of event files as what they say: the pure part of their import.

A row's key is what it says and how often the file said it before, so that the same file brings nothing new the second
time, and of two files that overlap the one that says it more often holds.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from guanxi.core.money import SCALE
from guanxi.core.time import now
from guanxi.ingest import own
from guanxi.ingest.cleaning import NO_REJECTIONS, UNIX
from guanxi.ingest.collection.calls import AHEAD
from guanxi.ingest.collection.names import canonical
from guanxi.ingest.collection.properties import keep
from guanxi.ingest.collection.reading import digest
from guanxi.ingest.documents import utc
from guanxi.ingest.fields import EVENT_FIELDS, Type
from guanxi.ingest.people import NOBODY
from guanxi.ingest.presets import Preset

APART, NOTHING = "\x1f", "\x1e"
TYPES = {Type.TIME: pl.Datetime("us"), Type.NUMBER: pl.Int64()}
DEVICES = {
    "mobile": "phone", "phone": "phone", "smartphone": "phone", "手机": "phone", "移动端": "phone",
    "tablet": "tablet", "pad": "tablet", "平板": "tablet", "desktop": "desktop", "pc": "desktop", "web": "desktop",
    "电脑": "desktop",
}  # fmt: skip


class Judge:
    """One file being read: how its rows become events, and how often it said each thing so far."""

    def __init__(self, preset: Preset) -> None:
        self.zone = zone_of(preset)
        self.names = {word.strip().casefold(): canonical(name.strip()) for word, name in preset.names.items()}
        self._said = pl.DataFrame(schema={"_say": pl.UInt64, "_before": pl.UInt32})

    def part(self, rows: pl.DataFrame, columns: Mapping[str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Give typed rows with `_key`, named and timed as they are kept, and the rejections: `_row column value code`.

        Columns: `_row _key`, every field of events (null where the file has none), `occurred_at` in UTC, and the
        file's further properties.
        """
        rows = self._complete(rows)
        faults = self._faults(columns)
        judged = rows.with_columns(_code=pl.coalesce([*(pl.when(bad).then(pl.lit(code)) for bad, _of, code in faults)]))
        good = judged.filter(pl.col("_code").is_null()).drop("_code")
        if good.height == rows.height:
            return self._keyed(good), NO_REJECTIONS
        return self._keyed(good), _rejections(judged, faults, columns)

    def _complete(self, rows: pl.DataFrame) -> pl.DataFrame:
        absent = [
            pl.lit(None, TYPES.get(field.type, pl.String())).alias(name)
            for name, field in EVENT_FIELDS.items()
            if name not in rows.columns
        ]
        rows = rows.with_columns(absent)
        names = {word: self._name(word) for word in rows.get_column("name").unique().drop_nulls()}
        number = pl.col("profile_external_id").str.replace(r"^(\d+)\.0$", "$1")
        return rows.with_columns(
            name=pl.col("name").replace_strict(names, default=None, return_dtype=pl.String()),
            profile_external_id=pl.when(~number.str.contains(NOBODY)).then(number),
            device_id=pl.when(~pl.col("device_id").str.contains(NOBODY)).then(pl.col("device_id")),
            occurred_at=utc(pl.col("occurred_at"), self.zone),
        )

    def _name(self, word: str) -> str:
        return self.names.get(word.strip().casefold()) or canonical(word.strip())

    def _faults(self, columns: Mapping[str, str]) -> list[tuple[pl.Expr, str, str]]:
        """Say what is wrong with rows whose cells are fine: the fault, the field, the code."""
        ahead = (now() + AHEAD).astimezone(dt.UTC).replace(tzinfo=None)
        who = next((name for name in ("profile_external_id", "device_id") if name in columns), "profile_external_id")
        nobody = pl.col("profile_external_id").is_null() & pl.col("device_id").is_null()
        return [(pl.col("occurred_at") > ahead, "occurred_at", "ahead"), (nobody, who, "no_one")]

    def _keyed(self, rows: pl.DataFrame) -> pl.DataFrame:
        says = [digest(text.encode()) for text in _said(rows)]
        rows = rows.with_columns(
            _digest=pl.Series(says, dtype=pl.Binary()),
            _say=pl.Series([int.from_bytes(each[:8], "big") for each in says], dtype=pl.UInt64()),
        )
        before = rows.select("_say").join(self._said, on="_say", how="left", maintain_order="left")
        nth = rows.select(pl.int_range(pl.len(), dtype=pl.UInt32()).over("_say")).to_series()
        nth = nth + before.get_column("_before").fill_null(0)
        both = pl.concat([self._said, rows.group_by("_say").agg(_before=pl.len().cast(pl.UInt32()))])
        self._said = both.group_by("_say").agg(pl.col("_before").sum())
        keys = [each if not times else digest(each + b"%d" % times) for each, times in zip(says, nth, strict=True)]
        return rows.with_columns(_key=pl.Series(keys, dtype=pl.Binary())).drop("_digest", "_say")


def zone_of(preset: Preset) -> str:
    """The zone of a file's clock: its own, its store's, or UTC; seconds since 1970 have none."""
    layout = preset.sheets[0].layout
    return "UTC" if layout.time_format == UNIX else layout.time_zone or preset.store.get("time_zone", "UTC")


def _said(rows: pl.DataFrame) -> pl.Series:
    """Write down what each row says; of further properties those that say something."""
    own_words = [pl.col(name).cast(pl.String).fill_null(NOTHING) for name in EVENT_FIELDS]
    more = [
        pl.concat_str(pl.lit(f"{name}="), pl.col(name), pl.lit(APART)).fill_null("")
        for name in sorted(property_columns(rows))
    ]
    return rows.select(pl.concat_str([*own_words, *more], separator=APART)).to_series()


def property_columns(rows: pl.DataFrame) -> list[str]:
    """Name the columns of a file's further properties."""
    return [name for name in rows.columns if name.startswith(own.PROPERTY)]


def _rejections(
    judged: pl.DataFrame, faults: list[tuple[pl.Expr, str, str]], columns: Mapping[str, str]
) -> pl.DataFrame:
    bad = judged.filter(pl.col("_code").is_not_null())
    told = {code: columns.get(field, field) for _bad, field, code in faults}
    at = pl.when(pl.col("_code") == "ahead").then(pl.col("occurred_at").dt.to_string("%Y-%m-%d %H:%M:%S"))
    return bad.select(
        "_row",
        column=pl.col("_code").replace_strict(told, return_dtype=pl.String()),
        value=at.fill_null(""),
        code="_code",
    )


def properties_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Read what a row says beside name, person and time, as events keep it.

    >>> properties_of({"sku": "T1", "category": None, "value": 125000, "currency": "CNY", "properties.device": "PC"})
    {'sku': 'T1', 'value': 12.5, 'currency': 'CNY', 'device': 'desktop'}
    """
    told = {name: row[name] for name in ("sku", "category", "value", "currency") if row.get(name) is not None}
    if "value" in told:
        told["value"] = int(told["value"] / SCALE) if told["value"] % SCALE == 0 else told["value"] / SCALE
    more = {
        name.removeprefix(own.PROPERTY): text for name, text in row.items() if name.startswith(own.PROPERTY) and text
    }
    if "device" in more:
        more["device"] = DEVICES.get(more["device"].casefold(), more["device"])
    return keep({**told, **more}).properties

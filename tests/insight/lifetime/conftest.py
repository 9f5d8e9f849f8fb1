"""CDNOW's customers, as the papers have them."""

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from guanxi.insight.lifetime.histories import Floats, Histories, Whole

CUT = dt.date(1997, 9, 30)
DATA = Path(os.environ.get("GUANXI_DATA") or Path(__file__).parents[4] / "shared" / "data")


@dataclass(frozen=True)
class Cdnow:
    """What was known of 2,357 customers after 39 weeks, and how often each bought in the 39 that followed."""

    repeats: Whole
    recency: Whole
    age: Whole
    mean: Floats
    later: Whole

    @property
    def histories(self) -> Histories:
        return Histories.of(self.repeats, self.recency, self.age)


@pytest.fixture(scope="session")
def cdnow() -> Cdnow:
    lines = [line.split() for line in (DATA / "cdnow" / "CDNOW_sample.txt").read_text().splitlines()]
    days = pl.DataFrame(
        {
            "who": [line[1] for line in lines],
            "on": [line[2] for line in lines],
            "usd": [float(line[4]) for line in lines],
        }
    )
    days = days.with_columns(pl.col("on").str.to_date("%Y%m%d")).group_by("who", "on").agg(pl.col("usd").sum())
    days = days.with_columns(first=pl.col("on").min().over("who")).sort("who", "on")
    people = days.group_by("who", maintain_order=True).agg(
        repeats=(pl.col("on") <= CUT).sum() - 1,
        recency=(pl.col("on").filter(pl.col("on") <= CUT).max() - pl.col("first").first()).dt.total_days(),
        age=(pl.lit(CUT) - pl.col("first").first()).dt.total_days(),
        mean=pl.col("usd").filter((pl.col("on") <= CUT) & (pl.col("on") > pl.col("first"))).mean(),
        later=(pl.col("on") > CUT).sum(),
    )
    whole = (people[name].to_numpy().astype(np.int64) for name in ("repeats", "recency", "age"))
    return Cdnow(*whole, people["mean"].fill_null(0).to_numpy(), people["later"].to_numpy().astype(np.int64))

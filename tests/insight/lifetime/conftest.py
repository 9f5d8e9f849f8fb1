"""CDNOW's customers, as the papers have them."""

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from guanxi.insight.lifetime.purchases import Known, Purchases

CUT = dt.date(1997, 9, 30)
DATA = Path(os.environ.get("GUANXI_DATA") or Path(__file__).parents[4] / "shared" / "data")


@dataclass(frozen=True)
class Cdnow:
    """2,357 customers of whom all purchases of 78 weeks are known."""

    purchases: Purchases

    @property
    def known(self) -> Known:
        """Tell what was known of them after 39 weeks."""
        return self.purchases.known(CUT.toordinal())


@pytest.fixture(scope="session")
def cdnow() -> Cdnow:
    lines = [line.split() for line in (DATA / "cdnow" / "CDNOW_sample.txt").read_text().splitlines()]
    days = [dt.date.fromisoformat(line[2]).toordinal() for line in lines]
    who, usd = [int(line[1]) for line in lines], [float(line[4]) for line in lines]
    return Cdnow(Purchases.of(np.array(who), np.array(days), np.array(usd)))

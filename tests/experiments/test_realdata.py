"""The experiment of Cookie Cats: 90,189 players, a gate at level 30 or at level 40."""

import os
from pathlib import Path

import pytest

from guanxi.experiments import filed
from guanxi.experiments.figures import figures

DATA = Path(os.environ.get("GUANXI_DATA") or Path(__file__).parents[3] / "shared" / "data")
FILE = DATA / "cookie_cats" / "cookie_cats.csv"


@pytest.mark.realdata
def test_a_later_gate_keeps_fewer_players_and_the_arms_are_not_as_large_as_planned() -> None:
    if not FILE.exists():
        pytest.skip(f"{FILE} is not there; GUANXI_DATA names the folder of public data sets")
    told = figures(filed.read(FILE, filed.Asked("version", ["retention_7"])))
    control, later = told["metrics"][0]["arms"]
    assert (told["rows"], control["n"], later["n"]) == (90_189, 44_700, 45_489)
    assert (control["mean"], later["mean"]) == pytest.approx((0.19020, 0.18200), abs=5e-6)
    assert later["difference"] == pytest.approx(-0.00820, abs=5e-6)
    assert later["z"] == pytest.approx(-3.164, abs=5e-4)
    assert later["p"] == pytest.approx(0.00155, abs=5e-6)
    ratio = told["sample_ratio"]
    assert (ratio["chi2"], ratio["p"]) == pytest.approx((6.90, 0.0086), abs=5e-3)
    assert ratio["p"] == pytest.approx(0.0086, abs=5e-5)
    assert ratio["mismatch"]

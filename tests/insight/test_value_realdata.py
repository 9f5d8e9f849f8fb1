"""CDNOW's customers through the command itself: the parameters its papers print, and what came after."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from guanxi.ingest.begin import begin
from guanxi.ingest.run import run
from guanxi.warehouse.sync import sync
from tests.ingest.test_realdata import CDNOW

DATA = Path(os.environ.get("GUANXI_DATA") or Path(__file__).parents[3] / "shared" / "data")
FILE = DATA / "cdnow" / "CDNOW_sample.txt"


@pytest.mark.realdata
@pytest.mark.django_db(transaction=True)
def test_cdnow_has_the_printed_parameters(settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not FILE.exists():
        pytest.skip(f"{FILE} is not there; GUANXI_DATA names the folder of public data sets")
    settings.LAKE = str(tmp_path / "lake")
    mapping = tmp_path / "map.toml"
    mapping.write_text(CDNOW, encoding="utf-8")
    run(begin([FILE], preset="generic", mapping=mapping))
    sync()

    def said(*more: str) -> dict[str, Any]:
        call_command("insight", "value", "--unit", "week", "--json", *more)
        found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
        return found

    told = said("--as-of", "1997-09-30")
    assert (told["model"], told["chosen_by"], told["customers"]) == ("bg-nbd", "hold-out", 2_357)
    assert rounded(told["parameters"], 3) == {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    assert round(told["log_likelihood"], 1) == -9582.4
    money = told["gamma_gamma"]
    assert rounded({name: money[name] for name in "pqv"}, 2) == {"p": 6.25, "q": 3.74, "v": 15.44}
    assert (money["customers"], told["currency"], told["prior_weight"]) == (946, "USD", 0)

    told = said("--as-of", "1997-09-30", "--model", "pareto-nbd")
    assert rounded(told["parameters"], 3) == {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
    assert round(told["log_likelihood"], 1) == -9595.0

    told = said("--as-of", "1998-06-30")
    forecasts = {each["name"]: each for each in told["hold_out"]["forecasts"]}
    assert forecasts["bg-nbd"]["error"] < min(forecasts[naive]["error"] for naive in ("same-rate", "same-again"))
    assert abs(forecasts["bg-nbd"]["bias"]) < 0.05


def rounded(numbers: dict[str, float], digits: int) -> dict[str, float]:
    return {name: round(number, digits) for name, number in numbers.items()}

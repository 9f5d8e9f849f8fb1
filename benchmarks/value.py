"""What customers' lifetime value costs beside the package `lifetimes`: BG/NBD of a million customers on weekly data.

Run with `python -m benchmarks.value [customers]`. Both fit the same purchases, ours from one row a customer on, and
forecast a year; the parameters have to agree to 1e-4 of each. The package needs older versions of numpy and pandas than
we have, so it runs in an environment of its own: that of the Python which GUANXI_LIFETIMES names, or one made for this
run by `uv`. It is given the data as the package's guide says for large ones: equal rows once, with their weights, is
what `lifetimes_grouped` measures beside. Prints `name value unit ratio-to-what ratio` lines; a ratio of a time is how
many times faster ours is.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from guanxi.insight.lifetime.bg_nbd import BgNbd
from guanxi.insight.lifetime.histories import Histories

RUNS, WEEKS, YEAR = 3, 156, 52.0
PACKAGES = ("lifetimes==0.11.3", "numpy<1.27", "pandas<2", "scipy<1.12", "autograd<1.7", "setuptools")
TRUE = {"r": 0.5, "alpha": 12.0, "a": 0.8, "b": 2.5}
PEER = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np, pandas as pd
from lifetimes import BetaGeoFitter
data = np.load(sys.argv[1])
table = pd.DataFrame({name: data[name].astype(float) for name in ("x", "recency", "age")})
begun = time.process_time()
model = BetaGeoFitter().fit(table["x"], table["recency"], table["age"])
fitted = time.process_time() - begun
begun = time.process_time()
expect = model.conditional_expected_number_of_purchases_up_to_time
forecast = expect(float(sys.argv[2]), table["x"], table["recency"], table["age"])
forecasted = time.process_time() - begun
grouped = table.groupby(["x", "recency", "age"]).size().reset_index(name="n")
begun = time.process_time()
BetaGeoFitter().fit(grouped["x"], grouped["recency"], grouped["age"], weights=grouped["n"])
together = time.process_time() - begun
print(json.dumps({
    "fit": fitted, "forecast": forecasted, "grouped": together, "total": float(np.sum(forecast)),
    "parameters": {name: float(model.params_[name]) for name in ("r", "alpha", "a", "b")},
}))
"""


def drawn(customers):
    """Draw what customers bought in three years, in whole weeks, by the model itself."""
    chance = np.random.default_rng(1)
    age = chance.integers(1, WEEKS + 1, customers)
    rates, leaves = chance.gamma(TRUE["r"], 1 / TRUE["alpha"], customers), chance.beta(TRUE["a"], TRUE["b"], customers)
    x, recency, now = np.zeros(customers, np.int64), np.zeros(customers), np.zeros(customers)
    here = np.arange(customers)
    while len(here):
        here = here[chance.random(len(here)) >= leaves[here]] if x.any() else here
        now[here] += chance.exponential(1 / rates[here])
        here = here[now[here] < age[here]]
        x[here] += 1
        recency[here] = now[here]
    return x, np.where(x > 0, np.clip(np.ceil(recency), 1, age), 0).astype(np.int64), age


def timed(work):
    """Give the seconds a piece of work takes, and what it gives."""
    begun = time.process_time()
    found = work()
    return time.process_time() - begun, found


def ours(x, recency, age):
    """Group, fit, and forecast for every customer."""
    grouping, known = timed(lambda: Histories.of(x, recency * 7, age * 7))
    fitting, model = timed(lambda: BgNbd.fit(known))
    forecasting, forecast = timed(lambda: model.expected(known, YEAR)[known.group])
    return grouping + fitting, forecasting, model, forecast


def peer(python, x, recency, age):
    """Let the package do the same, in its own environment."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.npz"
        np.savez(data, x=x, recency=recency, age=age)
        told = subprocess.run([python, "-c", PEER, str(data), str(YEAR)], check=True, capture_output=True, text=True)
    return json.loads(told.stdout.splitlines()[-1])


def environment(folder):
    """Give a Python that has the package."""
    if named := os.environ.get("GUANXI_LIFETIMES"):
        return named
    subprocess.run(["uv", "venv", "-q", "--python", "3.11", folder], check=True)
    python = f"{folder}/bin/python"
    subprocess.run(["uv", "pip", "install", "-q", "--python", python, *PACKAGES], check=True)
    return python


def main(customers=1_000_000):
    """Measure both on the same data, the package once and ours three times after a first."""
    told = drawn(customers)
    with tempfile.TemporaryDirectory() as folder:
        theirs = peer(environment(folder), *told)
    runs = [ours(*told) for _nth in range(RUNS + 1)][1:]
    fitting, forecasting = (statistics.median(run[place] for run in runs) for place in (0, 1))
    model, forecast = runs[0][2:]
    parameters = {name: getattr(model, name) for name in BgNbd.NAMES}
    off = max(abs(parameters[name] / theirs["parameters"][name] - 1) for name in parameters)
    print(f"{parameters} {theirs['parameters']}", file=sys.stderr)
    print(f"value_fit {fitting:.3f} s lifetimes {theirs['fit'] / fitting:.1f}")
    print(f"value_fit_grouped {fitting:.3f} s lifetimes_grouped {theirs['grouped'] / fitting:.1f}")
    print(f"value_forecast {forecasting:.3f} s lifetimes {theirs['forecast'] / forecasting:.1f}")
    print(f"value_parameters {off * 1e4:.4f} e-4 promise_1e-4 {off / 1e-4:.3f}")
    print(f"value_total {forecast.sum():.0f} orders lifetimes {forecast.sum() / theirs['total']:.5f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

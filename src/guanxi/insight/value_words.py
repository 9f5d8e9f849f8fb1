"""What a valuation says, as the command line prints it for a person."""

from collections.abc import Iterator
from typing import Any

from guanxi.insight.report import ASKED, HOLDOUT
from guanxi.insight.valuation import TOO_FEW
from guanxi.pages import formats

NAMES = {"bg-nbd": "BG/NBD", "pareto-nbd": "Pareto/NBD", "same-rate": "the same rate", "same-again": "the same again"}
WIDTH = 22


def table(told: dict[str, Any]) -> str:
    """Write a sentence, then the figures a line each."""
    return "\n".join([sentence(told), "", *(f"{name:<{WIDTH}}{words}" for name, words in _lines(told))])


def sentence(told: dict[str, Any]) -> str:
    """Say what is expected, and how sure that is."""
    if not told["customers"]:
        return f"Nobody had bought by {told['as_of']}: there is nothing to estimate yet. Import orders first."
    ahead, revenue = told["next_year"], told["next_year"]["revenue_minor"]
    brings = f", bringing {_money(revenue, told)}" if revenue else ""
    few = " Few bought again so far, so much of this is what shops in general see." if told["is_few"] else ""
    again = formats.count(told["repeat_customers"])
    return (
        f"{formats.count(told['customers'])} customers are expected to order on {_amount(ahead['orders'])} days within "
        f"a year{brings}; of the {again} who bought again {_amount(ahead['alive_again'])} are probably still "
        f"customers.{few}"
    )


def _lines(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "as of", told["as_of"]
    yield "model", f"{NAMES[told['model']]}, {_reason(told)}"
    for name, value in told["parameters"].items():
        yield name, f"{value:.3f}"
    if told["log_likelihood"] is not None:
        yield "log likelihood", f"{told['log_likelihood']:.1f}"
    if money := told["gamma_gamma"]:
        yield "Gamma-Gamma", " ".join(f"{name}={money[name]:.2f}" for name in ("p", "q", "v"))
    for each in told["hold_out"]["forecasts"] if told["hold_out"] else ():
        words = f"{each['expected']:.0f} expected, {each['seen']} seen, off by {each['error']:.3f} a customer"
        yield NAMES[each["name"]], words
    yield "seconds", f"{told['seconds']:.2f}"


def _reason(told: dict[str, Any]) -> str:
    if told["chosen_by"] == HOLDOUT:
        return f"by the hold-out of {told['hold_out']['days']} days since {told['hold_out']['cut']}"
    if told["chosen_by"] == ASKED:
        return "as asked for"
    why = "too few bought again" if told["chosen_by"] == TOO_FEW else "too few days have passed"
    return f"since {why} to try both"


def _amount(amount: dict[str, float]) -> str:
    low, high = (formats.count(round(amount[end])) for end in ("low", "high"))
    return f"{formats.count(round(amount['expected']))} ({low} to {high})"


def _money(amount: dict[str, int], told: dict[str, Any]) -> str:
    expected, low, high = (formats.money_whole(amount[name], told["currency"]) for name in ("expected", "low", "high"))
    return f"{expected} ({low} to {high})"

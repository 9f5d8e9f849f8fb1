"""Findings in sentences, for whoever runs the shop: what differs, how sure that is, and whether it may be trusted."""

import math
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.experiments.always import Always
from guanxi.experiments.comparison import LEVEL
from guanxi.experiments.findings import Comparison, Findings, Metric
from guanxi.experiments.ratio import ALARM
from guanxi.pages import formats

MOST_TOLD = 6
TINY, VAST = 1e-5, 1e13


def told(found: Findings) -> list[str]:
    """Tell it all, a paragraph each: the arms, their sizes, and every metric."""
    return [_joined(_arms(found)), _sizes(found), *(_joined(_metric(metric, found)) for metric in found.metrics)]


def _joined(sentences: Iterable[str]) -> str:
    return ("" if formats.chinese() else " ").join(sentences)


def _arms(found: Findings) -> Iterator[str]:
    rows = _("; ").join(f"“{arm}” {formats.count(n)}" for arm, n in found.arms.items())
    yield _("Rows in each arm: %(rows)s.") % {"rows": rows}
    yield from _left_out(found)


def _left_out(found: Findings) -> Iterator[str]:
    """Name the rows that are not counted, and the columns that may be mistaken for one another."""
    if n := found.left_out["without_arm"]:
        yield ngettext(
            "%(count)s row names no arm and is left out.", "%(count)s rows name no arm and are left out.", n
        ) % {"count": formats.count(n)}
    if n := found.left_out["malformed"]:
        yield ngettext(
            "%(count)s row cannot be read and is left out.", "%(count)s rows cannot be read and are left out.", n
        ) % {"count": formats.count(n)}
    for name in found.doubled:
        yield _("The file has two columns called %(name)s: the first is read, the other is “%(name)s (2)”.") % {
            "name": name
        }


def _sizes(found: Findings) -> str:
    """Say whether the arms are as large as planned."""
    ratio, rows = found.ratio, sum(found.arms.values())
    if not ratio.is_mismatch:
        return _("The arms are as large as planned, as far as chance goes (%(p)s).") % {"p": _p(ratio.p)}
    worst = sorted(found.arms, key=lambda arm: -_surprise(found.arms[arm], rows * ratio.shares[arm]))[:2]
    shares = _("; ").join(
        _("“%(arm)s” has %(share)s of the rows where %(planned)s were planned")
        % {
            "arm": arm,
            "share": formats.percent(found.arms[arm] / rows, 2),
            "planned": formats.percent(ratio.shares[arm], 2),
        }
        for arm in sorted(worst, key=list(found.arms).index)
    )
    return _(
        "The arms are not as large as planned (%(p)s): %(shares)s. Something decides who is counted, so do not trust "
        "any difference before it is found."
    ) % {"p": _p(ratio.p), "shares": shares}


def _surprise(count: int, planned: float) -> float:
    return (count - planned) ** 2 / planned


def _metric(metric: Metric, found: Findings) -> Iterator[str]:
    """Tell one metric: every arm, or of many those that differ."""
    yield from _cells(metric)
    yield from _gaps(metric)
    each = list(metric.comparisons)
    if len(each) > MOST_TOLD:
        proven = [one for one in each if one.is_proven]
        yield _("%(metric)s: %(count)s arms beside “%(control)s”; differing by more than chance makes: %(proven)s.") % {
            "metric": metric.name,
            "count": formats.count(len(each)),
            "control": found.control,
            "proven": formats.count(len(proven)),
        }
        each = sorted(proven, key=lambda one: one.holm or 0.0)[:MOST_TOLD]
    for one in each:
        yield from _comparison(one, metric, found)
    if metric.is_rough:
        yield _("An arm has fewer than 10 of yes or of no, so the p-values are rough.")


def _cells(metric: Metric) -> Iterator[str]:
    if n := metric.column.blank:
        yield ngettext(
            "%(metric)s is blank in %(count)s row, which is left out.",
            "%(metric)s is blank in %(count)s rows, which are left out.",
            n,
        ) % {"metric": metric.name, "count": formats.count(n)}
    if n := metric.column.texts:
        yield ngettext(
            "%(metric)s holds text such as “%(example)s” in %(count)s row, which is left out.",
            "%(metric)s holds text such as “%(example)s” in %(count)s rows, which are left out.",
            n,
        ) % {"metric": metric.name, "example": metric.column.example, "count": formats.count(n)}


def _gaps(metric: Metric) -> Iterator[str]:
    if metric.is_torn:
        yield _("More of it is missing in one arm than in another (%(p)s), so do not trust its differences.") % {
            "p": _p(metric.gaps)
        }


def _comparison(one: Comparison, metric: Metric, found: Findings) -> Iterator[str]:
    if one.difference.value is None:
        yield _("%(metric)s is known of no row of “%(arm)s” or of “%(control)s”.") % {
            "metric": metric.name,
            "arm": one.arm,
            "control": found.control,
        }
        return
    scale = Scale(metric, one.difference.value)
    yield _head(one, metric, found.control, scale)
    if one.difference.interval:
        words = {"interval": scale.interval(one.difference.interval), "level": formats.percent(LEVEL, 0)}
        yield _("The %(level)s interval is %(interval)s.") % words
    yield from _verdict(one, found)
    yield from _more(one, found, scale)


def _head(one: Comparison, metric: Metric, control: str, scale: "Scale") -> str:
    value = one.difference.value or 0.0
    words = {
        "metric": metric.name,
        "arm": one.arm,
        "control": control,
        "amount": scale.amount(value),
        "mean": scale.level(one.moments.mean),
        "base": scale.level(metric.control.mean),
    }
    if not value:
        return _("%(metric)s is the same with “%(arm)s” as with “%(control)s”: %(mean)s.") % words
    if value < 0:
        return (
            _("%(metric)s is %(amount)s lower with “%(arm)s” than with “%(control)s”: %(mean)s against %(base)s.")
            % words
        )
    return (
        _("%(metric)s is %(amount)s higher with “%(arm)s” than with “%(control)s”: %(mean)s against %(base)s.") % words
    )


def _verdict(one: Comparison, found: Findings) -> Iterator[str]:
    """Say what chance has to do with it."""
    if one.difference.p is None or one.holm is None:
        yield _("Nothing can be said of chance here: the rows are too few, or all alike.")
        return
    words = {"p": _p(one.difference.p), "holm": _p(one.holm), "count": formats.count(found.count)}
    if one.is_proven:
        yield _("Chance alone rarely makes such a difference (%(p)s).") % words
    elif one.difference.p < 1 - LEVEL:
        yield _("Among %(count)s comparisons chance makes one like it (%(p)s, corrected %(holm)s).") % words
    else:
        yield _("Chance alone makes such a difference often enough: nothing is proven (%(p)s).") % words
    if one.is_proven and found.count > 1:
        yield _("Corrected for %(count)s comparisons: %(holm)s.") % words
    if one.difference.p < 1 - LEVEL and found.ratio.is_mismatch:
        yield _("But the arms are not as large as planned, so do not trust it.")


def _more(one: Comparison, found: Findings, scale: "Scale") -> Iterator[str]:
    """Tell what may be said every day, what could have been seen, and what the covariate makes of it."""
    if one.always:
        yield _always(one.always, scale)
    if one.smallest:
        yield _("So many rows show a difference of %(amount)s or more four times out of five.") % {
            "amount": scale.amount(one.smallest)
        }
        if one.needed and not one.is_proven:
            yield _("To show one as small as this, each arm needs %(rows)s rows.") % {"rows": formats.count(one.needed)}
    yield from _adjusted(one, found, scale)


def _adjusted(one: Comparison, found: Findings, scale: "Scale") -> Iterator[str]:
    if one.adjusted and one.adjusted.difference.interval:
        yield _("With %(covariate)s taken into account it is %(amount)s (%(interval)s, %(p)s).") % {
            "covariate": found.covariate,
            "amount": scale.signed(one.adjusted.difference.value or 0.0),
            "interval": scale.interval(one.adjusted.difference.interval),
            "p": _p(one.adjusted.difference.p),
        }
        if one.adjusted.balance is not None and one.adjusted.balance < ALARM:
            yield _("But %(covariate)s itself differs between the arms (%(p)s): was it known before they began?") % {
                "covariate": found.covariate,
                "p": _p(one.adjusted.balance),
            }


def _always(found: Always, scale: "Scale") -> str:
    low, high = found.interval
    words = {"interval": scale.interval(found.interval)}
    if low <= 0 <= high:
        return _("Looked at every day, the difference lies within %(interval)s so far: there may be none.") % words
    return _("Looked at every day, the difference lies within %(interval)s, whenever one stops: there is one.") % words


class Scale:
    """How the values of a metric are written: shares in points, all with the decimals that the difference needs."""

    def __init__(self, metric: Metric, difference: float) -> None:
        self.is_share = metric.is_share
        if self.is_share:
            self.places = min(6, max(2, _decimals(difference * 100, 2)))
        else:
            self.places = min(6, max(0, _decimals(difference or metric.control.mean, 3)))

    def level(self, value: float) -> str:
        """Write a mean."""
        return formats.percent(value, self.places) if self.is_share else number(value, self.places)

    def amount(self, value: float) -> str:
        """Write the size of a difference."""
        if not self.is_share:
            return number(abs(value), self.places)
        return _("%(number)s points") % {"number": formats.decimal(abs(value) * 100, self.places)}

    def signed(self, value: float) -> str:
        """Write a difference with its sign."""
        if not self.is_share:
            return _signed(value, self.places)
        return _("%(number)s points") % {"number": formats.signed(value * 100, self.places)}

    def interval(self, ends: tuple[float, float]) -> str:
        """Write from where to where."""
        if not self.is_share:
            low, high = (_signed(end, self.places) for end in ends)
            return _("%(low)s to %(high)s") % {"low": low, "high": high}
        low, high = (formats.signed(end * 100, self.places) for end in ends)
        return _("%(low)s to %(high)s points") % {"low": low, "high": high}


def _decimals(value: float, digits: int) -> int:
    """Count the decimals that show so many digits of a number.

    >>> _decimals(0.82, 2), _decimals(1.1575, 3), _decimals(51_299, 3), _decimals(0, 3)
    (2, 2, -2, 2)
    """
    return digits - 1 - math.floor(math.log10(abs(value))) if value else 2


def number(value: float, places: int) -> str:
    """Write a number with so many decimals, or as a power of ten where that would show nothing or fill a line.

    >>> number(1234.5678, 1), number(-0.05, 2), number(1.5e80, 2), number(-2e-9, 2), number(0, 2)
    ('1,234.6', '−0.05', '1.5e+80', '−2e-09', '0.00')
    """
    if not value or TINY <= abs(value) < VAST:
        return formats.decimal(value, places)
    return (formats.MINUS if value < 0 else "") + f"{abs(value):.4g}"


def _signed(value: float, places: int) -> str:
    return ("+" if value > 0 else "") + number(value, places)


def _p(p: float | None) -> str:
    """Write a p-value with two digits.

    >>> _p(0.001554), _p(1e-9), _p(0.5), _p(None)
    ('p = 0.0016', 'p < 0.0001', 'p = 0.50', '')
    """
    if p is None:
        return ""
    if p < 1e-4:
        return "p < 0.0001"
    return f"p = {formats.decimal(p, min(5, max(2, 1 - math.floor(math.log10(p)))))}"

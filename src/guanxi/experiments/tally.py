"""The rows of an experiment's file added up, block by block: per arm and metric what a comparison needs, no more."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import polars as pl
from django.utils.translation import gettext as _

from guanxi.experiments import values
from guanxi.experiments.assignment import BadExperiment
from guanxi.experiments.moments import Moments, Pairs
from guanxi.guard.filein import unwrap

MOST_ARMS = 200
SHOWN_CELL = 40
T = TypeVar("T", Moments, Pairs)


@dataclass
class Column:
    """One metric as read so far: its moments by arm, and which cells were left out."""

    moments: dict[str, Moments] = field(default_factory=dict)
    pairs: dict[str, Pairs] = field(default_factory=dict)
    blank: int = 0
    texts: int = 0
    words: int = 0
    others: int = 0
    example: str = ""
    comma: str = ""

    @property
    def is_share(self) -> bool:
        """Whether every cell is yes or no, 1 or 0."""
        return not self.others

    @property
    def rows(self) -> int:
        """How many cells could be read."""
        return sum(moments.n for moments in self.moments.values())


class Tally:
    """The sums of an experiment: feed it frames of text cells."""

    def __init__(self, arm: str, metrics: Sequence[str], covariate: str | None = None) -> None:
        self.arm, self.covariate = arm, covariate
        self.rows = self.without_arm = 0
        self.arms: Counter[str] = Counter()
        self.columns = {metric: Column() for metric in metrics}
        self.comma = ""  # the first cell of the covariate that has a decimal comma

    def add(self, frame: pl.DataFrame) -> None:
        """Add the rows of a frame; raises BadExperiment where the arms are too many to be arms."""
        arms = self._named(frame[self.arm])
        known = arms.is_not_null()
        self.rows += frame.height
        self.without_arm += frame.height - int(known.sum())
        frame, arms = frame.filter(known), arms.filter(known)
        self.arms.update(dict(arms.value_counts().iter_rows()))
        self._check()
        before = self._before(frame[self.covariate]) if self.covariate else None
        for metric, column in self.columns.items():
            _add(column, arms, frame[metric], before)

    def _before(self, raw: pl.Series) -> pl.Series:
        """Read what was known of each unit before."""
        cells = values.read(raw)
        self.comma = self.comma or values.with_comma(raw.filter(cells["is_text"]))
        return cells["value"]

    def _named(self, raw: pl.Series) -> pl.Series:
        """Read the names of the arms, each different cell once."""
        cells = pl.DataFrame({"raw": raw.unique()}).with_columns(arm=unwrap(pl.col("raw")))
        return pl.DataFrame({"raw": raw}).join(cells, on="raw", how="left", maintain_order="left")["arm"]

    def _check(self) -> None:
        if len(self.arms) > MOST_ARMS:
            raise BadExperiment(
                _("%(column)s holds more than %(most)d different values, so it names no arms. Name another by --arm.")
                % {"column": self.arm, "most": MOST_ARMS}
            )


def _add(column: Column, arms: pl.Series, raw: pl.Series, before: pl.Series | None) -> None:
    """Add one metric of a frame."""
    cells = values.read(raw).with_columns(arm=arms, raw=raw)
    empty = cells.filter(pl.col("value").is_null())
    texts = empty.filter("is_text")
    column.texts += texts.height
    column.blank += empty.height - texts.height
    column.words += int(cells["is_word"].sum())
    column.others += int((~cells["value"].is_in([0.0, 1.0])).sum())
    column.example = column.example or str(next(iter(texts["raw"]), ""))[:SHOWN_CELL]
    column.comma = column.comma or values.with_comma(texts["raw"])
    whole = cells.filter(pl.col("value").is_not_null())
    _join(column.moments, _moments(whole))
    if before is not None:
        _join(column.pairs, _pairs(cells.with_columns(x=before)))


def _join(known: dict[str, T], more: Iterable[tuple[str, T]]) -> None:
    for arm, found in more:
        known[arm] = known[arm] + found if arm in known else found


def _moments(cells: pl.DataFrame) -> Iterable[tuple[str, Moments]]:
    value = pl.col("value")
    sums = cells.group_by("arm").agg(
        n=pl.len(), mean=value.mean(), squares=value.var(ddof=0) * pl.len(), least=value.min(), greatest=value.max()
    )
    return ((row.pop("arm"), _exact(Moments(**row))) for row in sums.iter_rows(named=True))


def _exact(found: Moments) -> Moments:
    """Give numbers that are all the same no spread, which rounding may have made."""
    same = found.least == found.greatest
    return Moments(found.n, found.least, 0.0, found.least, found.greatest) if same else found


def _pairs(cells: pl.DataFrame) -> Iterable[tuple[str, Pairs]]:
    x, y = pl.col("x"), pl.col("value")
    dx, dy = x - x.mean(), y - y.mean()
    whole = cells.filter(x.is_not_null() & y.is_not_null())
    sums = whole.group_by("arm").agg(
        n=pl.len(), x=x.mean(), y=y.mean(), xx=(dx * dx).sum(), xy=(dx * dy).sum(), yy=(dy * dy).sum()
    )
    return ((row.pop("arm"), Pairs(**row)) for row in sums.iter_rows(named=True))


def planned(arms: Sequence[str], given: Sequence[str]) -> Mapping[str, float] | None:
    """Read weights as people give them, `gate_30=1 gate_40=1`, or `50 50` in the arms' order; None without any."""
    if not given:
        return None
    parts = [part for each in given for part in each.split(",")]
    words = parts if len({"=" in part for part in parts}) == 1 else list(given)
    named = dict(each.rpartition("=")[::2] for each in words if "=" in each) or dict(zip(arms, words, strict=False))
    return _checked(arms, words, {arm: _weight(word) for arm, word in named.items()})


def _weight(word: str) -> float:
    number = values.read(pl.Series([word]))["value"][0]
    if number is None or number <= 0:
        raise BadExperiment(_("%(word)s is no weight. Give numbers above 0, such as 50 50.") % {"word": repr(word)})
    return float(number)


def _checked(arms: Sequence[str], given: Sequence[str], weights: Mapping[str, float]) -> Mapping[str, float]:
    if set(weights) != set(arms) or len(given) != len(arms):
        raise BadExperiment(
            _("Each arm needs one weight: give %(count)d of them, for %(arms)s.")
            % {"count": len(arms), "arms": ", ".join(arms)}
        )
    return weights

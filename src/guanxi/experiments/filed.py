"""An experiment's file, one row a unit: its arms compared by its metrics, in one pass and without keeping the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from guanxi.experiments.assignment import BadExperiment
from guanxi.experiments.findings import Findings, compared, in_order
from guanxi.experiments.ratio import sample_ratio
from guanxi.experiments.tally import SHOWN_CELL, Column, Tally, planned
from guanxi.guard.filein import TableFile, normalise_header, open_table

SHOWN_NAMES = 40


@dataclass(frozen=True)
class Asked:
    """Which column is what: `control` is an arm, `weights` one word an arm, `covariate` a column known before."""

    arm: str
    metrics: Sequence[str]
    control: str | None = None
    weights: Sequence[str] = ()
    covariate: str | None = None


def read(path: Path, asked: Asked, *, sheet: str | None = None) -> Findings:
    """Read a CSV, CSV.gz or XLSX; raises BadFile or BadExperiment, in a sentence, where it holds no such experiment."""
    with open_table(path, sheet=sheet) as table:
        tally, rejected = _tallied(table, asked)
        doubled = [name for name in (tally.arm, *tally.columns) if f"{name} (2)" in table.columns]
    if len(tally.arms) < 2:
        raise _no_arms(tally)
    if tally.comma:
        raise _with_commas(str(tally.covariate), tally.comma)
    for name, column in tally.columns.items():
        _check(name, column)
        if tally.covariate and not any(pairs.n for pairs in column.pairs.values()):
            raise _no_covariate(tally.covariate, name)
    arms = in_order(list(tally.arms), _one_of(list(tally.arms), asked.control) if asked.control else None)
    counts = {arm: tally.arms[arm] for arm in arms}
    return Findings(
        control=arms[0],
        arms=counts,
        ratio=sample_ratio(counts, planned(arms, asked.weights)),
        metrics=compared(tally.columns, counts, with_covariate=tally.covariate is not None),
        covariate=tally.covariate,
        left_out={"without_arm": tally.without_arm, "malformed": rejected},
        doubled=doubled,
    )


def _tallied(table: TableFile, asked: Asked) -> tuple[Tally, int]:
    """Add up the rows of an open table, and count those that could not be read."""
    arm = column_of(table.columns, asked.arm)
    metrics = list(dict.fromkeys(column_of(table.columns, name) for name in asked.metrics))
    covariate = column_of(table.columns, asked.covariate) if asked.covariate else None
    if arm in (*metrics, covariate) or covariate in metrics:
        raise BadExperiment(_("The arm, the metrics and the covariate are columns of their own; one is named twice."))
    tally, rejected = Tally(arm, metrics, covariate), 0
    for frame in table.batches():
        tally.add(frame)
        rejected += len(table.take_rejects())
    rejected += len(table.take_rejects())
    if rejected > tally.rows:
        raise BadExperiment(_("More rows cannot be read than can. Check what parts the cells, and export it again."))
    return tally, rejected


def column_of(columns: Sequence[str], name: str) -> str:
    """Find a column by its name, or by its name in other letters or blanks where that is one alone."""
    if name in columns:
        return name
    alike = [each for each in columns if normalise_header(each) == normalise_header(name)]
    if len(alike) == 1:
        return alike[0]
    more = ", …" if len(columns) > SHOWN_NAMES else ""
    raise BadExperiment(
        _("There is no column %(name)s. There are: %(columns)s.")
        % {"name": name, "columns": ", ".join(columns[:SHOWN_NAMES]) + more}
    )


def _one_of(arms: Sequence[str], control: str) -> str:
    if control in arms:
        return control
    raise BadExperiment(
        _("There is no arm %(name)s. There are: %(arms)s.") % {"name": control, "arms": ", ".join(in_order(arms))}
    )


def _no_arms(tally: Tally) -> BadExperiment:
    if not tally.arms:
        return BadExperiment(_("No row names an arm in the column %(column)s.") % {"column": tally.arm})
    return BadExperiment(
        _("The column %(column)s names one arm alone, %(arm)s. An experiment compares at least two.")
        % {"column": tally.arm, "arm": next(iter(tally.arms))}
    )


def _no_covariate(covariate: str, metric: str) -> BadExperiment:
    return BadExperiment(
        _("No row holds a number both in the column %(covariate)s and in %(metric)s.")
        % {"covariate": covariate, "metric": metric}
    )


def _with_commas(column: str, example: str) -> BadExperiment:
    """Refuse decimal commas: whether 1,234 is one and a bit or a thousand cannot be told from the file."""
    return BadExperiment(
        _(
            "The column %(column)s writes decimals with a comma, such as %(example)s. Write them with a point, as in "
            "0.53, and send the file once more."
        )
        % {"column": column, "example": example[:SHOWN_CELL]}
    )


def _check(name: str, column: Column) -> None:
    """Refuse a column that is no metric."""
    if column.comma:
        raise _with_commas(name, column.comma)
    if not column.rows and not column.texts:
        raise BadExperiment(_("The column %(column)s is blank in every row that names an arm.") % {"column": name})
    if column.texts > column.rows:
        raise BadExperiment(
            _("The column %(column)s holds text such as %(example)s: a metric is a number below 10^150, or yes and no.")
            % {"column": name, "example": repr(column.example)}
        )
    if column.words and column.others:
        raise BadExperiment(
            _("The column %(column)s holds both yes and no and other numbers than 1 and 0: make it one of the two.")
            % {"column": name}
        )

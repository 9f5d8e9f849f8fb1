"""What other rules of RFM would do: who would change class, before anything is written."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from time import monotonic

from guanxi.insight import census
from guanxi.insight.models import RfmRun, RfmScheme
from guanxi.insight.scheme import RfmClass, Scheme
from guanxi.insight.scoring import present_day
from guanxi.warehouse.reading import remembers, snapshot


@dataclass(frozen=True)
class ClassMove:
    """One class under both rules: how many it holds, who comes and who goes. None: one of the rules has it not."""

    key: str
    now: int | None
    after: int | None
    comes: int
    goes: int

    @property
    def gained(self) -> int:
        """How many more it would hold."""
        return (self.after or 0) - (self.now or 0)


@dataclass(frozen=True)
class WhatIf:
    """The customers by class under the rules in force and under the proposed ones, as of one day."""

    standing: Scheme
    proposed: Scheme
    as_of: dt.date
    flows: dict[tuple[str, str], int]
    seconds: float

    @cached_property
    def customers(self) -> int:
        """How many are scored."""
        return sum(self.flows.values())

    @cached_property
    def changed(self) -> int:
        """How many would be in another class."""
        return sum(count for (was, made), count in self.flows.items() if was != made)

    @cached_property
    def classes(self) -> list[ClassMove]:
        """The proposed classes, best first, then those that would be no more."""
        gone = [each for each in self.standing.classes if self.proposed.named(each.key) is None]
        return [self._move(each.key) for each in (*self.proposed.classes, *gone)]

    def named(self, key: str) -> RfmClass:
        """Find a class under either rules; the proposed name goes first."""
        found = self.proposed.named(key) or self.standing.named(key)
        return found or RfmClass(key=key, from_points=0, name_zh=key, name_en=key)

    def _move(self, key: str) -> ClassMove:
        here = [(was, made, count) for (was, made), count in self.flows.items() if key in {was, made}]
        stays = self.flows.get((key, key), 0)
        comes = sum(count for was, made, count in here if made == key != was)
        goes = sum(count for was, made, count in here if was == key != made)
        now = stays + goes if self.standing.named(key) else None
        return ClassMove(key, now, stays + comes if self.proposed.named(key) else None, comes, goes)


def what_if(proposed: Scheme) -> WhatIf:
    """Score everybody by other rules and compare, on one moment of the lake and as of one day; nothing is written.

    That moment is the last run's, whose classes the pages show. Where the lake has forgotten it, other windows have
    all orders of the present moment gone through.
    """
    begun, version, run = monotonic(), RfmScheme.current(), RfmRun.latest()
    as_of = run.as_of if run else present_day()
    same = run is not None and run.scheme_id == version.pk
    basis = run.basis if run and same and remembers(run.basis) else None
    kept = same and (basis is not None or not census.other_windows(version.scheme, proposed))
    with snapshot(of=basis) as lake:
        found = census.moves(lake, proposed, over=version.scheme, as_of=as_of, kept=kept)
    flows = {(was, made): customers for was, made, customers in found}
    return WhatIf(version.scheme, proposed, as_of, flows, monotonic() - begun)

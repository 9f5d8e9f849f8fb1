"""Days on which fewer people than usual went on from one step to the next: found by device, and said in words.

Whoever did a step on a day counts once that day; the share who did the next on the same day is held against the other
days (see `scan`). What holds on all devices is said once; a device is named where it alone falls out.
"""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from guanxi.customers.dynamics.telling import DEVICES
from guanxi.insight.happenings import title
from guanxi.insight.scan import Run, lowest
from guanxi.pages import formats, moments

MOST = 8
BY_DAY = """
    select cast(occurred_at at time zone 'UTC' at time zone $time_zone as date) as day, name,
           coalesce(properties ->> '$.device', '') as device,
           count(distinct coalesce(customer_id, -profile_id)) as people
    from events
    where name in ({names}) and occurred_at >= $since and occurred_at < $until and profile_id is not null
    group by cast(occurred_at at time zone 'UTC' at time zone $time_zone as date), name,
             coalesce(properties ->> '$.device', '')
"""
Counts = Mapping[tuple[str, str], Mapping[dt.date, int]]


@dataclass(frozen=True)
class Incident:
    """A run of days on which fewer went from `before` to `step`; `device` is empty where it was on all."""

    before: str
    step: str
    device: str
    first: dt.date
    last: dt.date
    run: Run

    @property
    def said(self) -> str:
        """What happened, in a sentence."""
        told = {
            "first": moments.full_day(self.first),
            "last": moments.full_day(self.last),
            "before": title(self.before),
            "step": title(self.step),
            "device": DEVICES.get(self.device, self.device),
            "inside": formats.percent(self.run.inside, 0),
            "outside": formats.percent(self.run.outside, 0),
        }
        if self.device:
            text = _(
                "%(first)s to %(last)s, %(device)s: %(inside)s went from “%(before)s” to “%(step)s”, else %(outside)s."
            )
            return text % told
        return _("%(first)s to %(last)s: %(inside)s went from “%(before)s” to “%(step)s”, else %(outside)s.") % told


def query(steps: int) -> str:
    """Spell the query of people by day, event and device; its values are those of a funnel, and the days."""
    return BY_DAY.format(names=", ".join(f"$event_{nth}" for nth in range(1, steps + 1)))


def counted(rows: Sequence[Mapping[str, object]]) -> Counts:
    """Sort rows by event and device; an empty device is all of them together."""
    found: dict[tuple[str, str], dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        name, device, day, people = row["name"], row["device"], row["day"], row["people"]
        assert isinstance(day, dt.date) and isinstance(people, int)  # noqa: S101, PT018 - the query's types
        for part in {"", str(device)}:
            found[str(name), part][day] += people
    return found


def incidents(steps: Sequence[str], counts: Counts, days: Sequence[dt.date]) -> list[Incident]:
    """Find the runs of days that fall out, the least likely first; a device only where all together do not say it."""
    devices = sorted({device for _name, device in counts if device})
    found = [each for device in ("", *devices) for each in _of(steps, counts, days, device)]
    whole = {each.step: each for each in found if not each.device}
    kept = [each for each in found if not each.device or _alone(each, whole.get(each.step))]
    return sorted(kept, key=lambda each: -each.run.unlike)[:MOST]


def _of(steps: Sequence[str], counts: Counts, days: Sequence[dt.date], device: str) -> Iterator[Incident]:
    for before, step in itertools.pairwise(steps):
        tries = [counts.get((before, device), {}).get(day, 0) for day in days]
        hits = [min(counts.get((step, device), {}).get(day, 0), most) for day, most in zip(days, tries, strict=True)]
        run = lowest(hits, tries)
        if run:
            yield Incident(before, step, device, days[run.start], days[run.end - 1], run)


def _alone(one: Incident, whole: Incident | None) -> bool:
    """Tell whether a device says more of its step than all devices together."""
    return whole is None or one.run.unlike > whole.run.unlike

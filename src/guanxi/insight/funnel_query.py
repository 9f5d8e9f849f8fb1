"""The SQL of a funnel: from events to people, and to how many of them reached each step.

It is put together, for its steps differ from funnel to funnel; every value is a parameter. What is not needed is not
carried, and who cannot reach a step is left out before it is sorted for: sorting and memory are most of the time.
"""

# ruff: noqa: S608 - what stands in the SQL are expressions and names of our own; values are parameters

from dataclasses import dataclass

from guanxi.insight.funnel import OPERATORS, PROPERTIES, VISIT, WINDOWS, Funnel, Step
from guanxi.insight.visits import WHO, seen

AT_ONCE = "(partition by {keys} order by seen_at)"
STRICTLY = "(partition by {keys} order by seen_at, event_id rows between unbounded preceding and 1 preceding)"


def counting(funnel: Funnel, by: str = "") -> str:
    """Spell the query that counts: one row for each value of the property `by` at the first step (`part`, empty where
    it is not known), with `step_k` people, `known_k` customers among them, and `seconds_k`, the median from the step
    before. Its other parameters are `since`, `until` (of beginnings) and `last`, instants in UTC.
    """
    return _Query(funnel, by).counting()


def people(funnel: Funnel, step: int, *, dropped: bool) -> str:
    """Spell the query of the customers who reached a step, or went no further than it, the latest first, `most` at the
    most.
    """
    return _Query(funnel).people(step, dropped=dropped)


@dataclass(frozen=True)
class _Query:
    funnel: Funnel
    by: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        return ("who", "visit") if self.funnel.per == VISIT else ("who",)

    @property
    def later(self) -> range:
        return range(2, len(self.funnel.steps) + 1)

    def counting(self) -> str:
        reached = [f"count(at_{k}) as step_{k}" for k in self.later]
        known = [f"count(case when people.who > 0 then at_{k} end) as known_{k}" for k in self.later]
        seconds = [f"median({_seconds(f'from_{k}', f'at_{k}')}) as seconds_{k}" for k in self.later]
        figures = ", ".join([*reached, *known, *seconds])
        parts = "''"
        of = "people"
        if self.by:
            parts, of = "starts.part", f"people join starts on {self._same('people', 'starts')}"
        rest = ", ".join(
            [f"coalesce({name}_{k}, 0) as {name}_{k}" for name in ("step", "known") for k in self.later]
            + [f"seconds_{k}" for k in self.later]
        )
        return (
            f"{self._people()},\n"
            "begun as (select part, count(*) as step_1, count(case when who > 0 then 1 end) as known_1 from starts "
            "group by part),\n"
            f"gone as (select {parts} as part, {figures} from {of} group by {parts})\n"
            f"select begun.part, step_1, known_1, {rest} from begun left join gone on gone.part = begun.part "
            "order by step_1 desc, begun.part"
        )

    def people(self, step: int, *, dropped: bool) -> str:
        nth = len(self.funnel.steps)
        held = ["starts.who > 0", *([] if step == 1 else [f"people.at_{step} is not null"])]
        held += [f"people.at_{step + 1} is null"] if dropped and step < nth else []
        at = f"coalesce({', '.join([*(f'people.at_{k}' for k in reversed(self.later)), 'starts.began'])})"
        return (
            f"{self._people(began=True)}\nselect starts.who as customer_id, max({at}) as seen_at\n"
            f"from starts left join people on {self._same('people', 'starts')}\n"
            f"where {' and '.join(held)} group by starts.who order by seen_at desc, customer_id limit $most"
        )

    def _same(self, one: str, other: str) -> str:
        return " and ".join(f"{one}.{key} = {other}.{key}" for key in self.keys)

    def _people(self, *, began: bool = False) -> str:
        """Spell the steps from events to people: when each began, and when each first reached every later step."""
        parts = [*([seen(*self._columns)] if self.funnel.per == VISIT else []), self._hits(), self._starts(began=began)]
        parts += [self._first(), self._follow(2)]
        for k in self.later[:-1]:
            parts += [self._open(k), self._follow(k + 1)]
        return "with " + ",\n".join([*parts, self._firsts()])

    @property
    def _columns(self) -> list[str]:
        """What hits need of events beside: the rest is not read."""
        used = [PROPERTIES[each.field][0] for step in self.funnel.steps for each in step.filters]
        used += [PROPERTIES[self.by][0]] if self.by else []
        return list(dict.fromkeys(["name", *(expression.partition(" ")[0] for expression in used)]))

    def _hits(self) -> str:
        events, who, when = "seen", "who, visit", "true"
        if self.funnel.per != VISIT:
            events, who = "events", f"{WHO} as who"
            when = "occurred_at >= $since and occurred_at < $last and profile_id is not null"
        first = (
            f"case when name = $event_1 then coalesce({PROPERTIES[self.by][0]}, '') end as part, " if self.by else ""
        )
        key = "event_id, " if self.funnel.repeats else ""
        names = ", ".join(f"$event_{nth}" for nth in range(1, len(self.funnel.steps) + 1))
        steps = ", ".join(f"{_is(nth, step)} as is_{nth}" for nth, step in enumerate(self.funnel.steps, 1))
        return (
            f"hits as (select {who}, occurred_at as seen_at, {key}{first}{steps} from {events} "
            f"where name in ({names}) and {when})"
        )

    def _starts(self, *, began: bool) -> str:
        """Who did the first step at all, with which value of the property at the first time, and when that was."""
        part = "arg_min(part, seen_at)" if self.by else "''"
        first = ", min(seen_at) as began" if began else ""
        keys = ", ".join(self.keys)
        return f"starts as (select {keys}, {part} as part{first} from hits where is_1 group by {keys})"

    def _over(self, k: int) -> str:
        """The window of what came up to an event, or before it where step k and the next are of one event."""
        strict = self.funnel.steps[k - 1].event == self.funnel.steps[k].event
        return (STRICTLY if strict else AT_ONCE).format(keys=", ".join(self.keys))

    def _first(self) -> str:
        """The latest beginning before each event of whoever did the second step."""
        keys, steps = ", ".join(self.keys), "".join(f", is_{k}" for k in self.later)
        key = ", event_id" if self.funnel.repeats else ""
        did = "exists (select 1 from hits as second where second.is_2 and " + self._same("second", "hits") + ")"
        whose = did if self.funnel.per == VISIT else "who in (select who from hits where is_2)"
        return (
            f"open_1 as (select {keys}, seen_at{key}{steps}, max(case when is_1 then seen_at end) over {self._over(1)} "
            f"as open_1 from hits where {whose})"
        )

    def _open(self, k: int) -> str:
        """The latest beginning that leads to step k before each event, and when step k was last reached by then.

        What reached nothing and may reach nothing more is left out.
        """
        wanted = " or ".join(
            [*(f"start_{j} is not null" for j in range(2, k + 1)), *(f"is_{j}" for j in self.later if j > k)]
        )
        over = self._over(k)
        return (
            f"open_{k} as (select *, max(start_{k}) over {over} as open_{k}, "
            f"max(case when start_{k} is not null then seen_at end) over {over} as from_{k + 1} "
            f"from step_{k} where {wanted})"
        )

    def _follow(self, k: int) -> str:
        window = WINDOWS[self.funnel.window][0]
        reached = f"case when is_{k} and seen_at <= open_{k - 1} + {window} then open_{k - 1} end as start_{k}"
        if k == 2:  # who did step 2 after a beginning began then: the rest of what stands here is needed no more
            return f"step_2 as (select *, open_1 as from_2, {reached} from open_1 where {self._later_steps})"
        return f"step_{k} as (select *, {reached} from open_{k - 1})"

    @property
    def _later_steps(self) -> str:
        """What may lead on: a later step after a beginning. What came at once with it may stand before it all the same
        where a beginning counts only for what stands after it.
        """
        twice = self.funnel.steps[0].event == self.funnel.steps[1].event
        begun = "(open_1 is not null or not is_2)" if twice else "open_1 is not null"
        return f"{begun} and (" + " or ".join(f"is_{k}" for k in self.later) + ")"

    def _firsts(self) -> str:
        """When everybody first reached each step, and when they had last reached the one before by then."""
        columns = [
            f"min(case when start_{k} is not null then seen_at end) as at_{k}, "
            f"arg_min(from_{k}, seen_at) filter (where start_{k} is not null) as from_{k}"
            for k in self.later
        ]
        reached = " or ".join(f"start_{k} is not null" for k in self.later)
        keys, last = ", ".join(self.keys), len(self.funnel.steps)
        return f"people as (select {keys}, {', '.join(columns)} from step_{last} where {reached} group by {keys})"


def _is(nth: int, step: Step) -> str:
    held = [f"name = $event_{nth}", *(["occurred_at < $until"] if nth == 1 else [])]
    for at, each in enumerate(step.filters, 1):
        column = PROPERTIES[each.field][0]
        held.append(OPERATORS[each.operator][0].format(column=column, value=f"$value_{nth}_{at}"))
    return f"({' and '.join(held)})"


def _seconds(start: str, end: str) -> str:
    """Spell the seconds between two instants by what means the same on both engines."""
    parts = (("hour", 3600), ("minute", 60), ("second", 1))
    told = " + ".join(f"(extract({part} from {end}) - extract({part} from {start})) * {size}" for part, size in parts)
    return f"date_diff('day', cast({start} as date), cast({end} as date)) * 86400 + {told}"

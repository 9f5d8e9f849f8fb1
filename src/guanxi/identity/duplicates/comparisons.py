"""How alike two values are: for every column a ladder of levels, the likest first, in the words of the trade.

A level is a condition of the engine's SQL over `…_l` and `…_r`. Which weight it has is learned (`model`); `usual` is
the share of true pairs that stand on it where there are too few people to learn from.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guanxi.identity.duplicates.preparation import LISTS

ALIKE = 0.88  # of Jaro-Winkler: beyond it two words are read as spellings of one
# The measures as functions of the engine, so that the levels stay short: Splink reads each of them again and again.
# What cannot be is told by the cheaper measure first, by cases, for the engine computes both sides of an "and". Of two
# plain words of one length only a swap of neighbours is one edit and two differences, and it leaves the letters the
# same; one edit in five letters or more leaves a Jaro similarity of 0.8 at least; two parts of a day leave four
# differences at most. No word is empty: the engine would refuse to measure it.
MEASURES = f"""
create temp macro near(a, b) as jaro_winkler_similarity(a, b) >= {ALIKE};
create temp macro neighbours_swapped(a, b) as
    case when jaccard(a, b) = 1 then damerau_levenshtein(a, b) = 1 else false end;
create temp macro one_off_plain(a, b) as case
    when length(a) <> length(b) then levenshtein(a, b) <= 1
    when hamming(a, b) < 2 then true
    when hamming(a, b) > 2 then false
    else neighbours_swapped(a, b) end;
create temp macro one_off(a, b) as case
    when abs(length(a) - length(b)) > 1 then false
    when strlen(a) = length(a) and strlen(b) = length(b) then one_off_plain(a, b)
    when length(a) >= 5 and jaro_similarity(a, b) < 0.75 then false
    else damerau_levenshtein(a, b) <= 1 end;
create temp macro swapped(given, family, given2, family2) as case
    when given = family2 then coalesce(near(family, given2), true)
    when family = given2 then coalesce(near(given, family2), true)
    else false end;
create temp macro year_of(day) as left(day, -4);
create temp macro month_of(day) as left(right(day, 4), 2);
create temp macro day_of(day) as right(day, 2);
create temp macro days_apart(a, b) as case when strlen(a) = strlen(b) then hamming(a, b) else levenshtein(a, b) end;
create temp macro days_swapped(a, b) as case
    when days_apart(a, b) > 4 then false
    else year_of(a) = year_of(b) and month_of(a) = day_of(b) and day_of(a) = month_of(b) end;
create temp macro days_alike(a, b) as case
    when days_apart(a, b) > 4 then false
    else (year_of(a) = year_of(b))::int + (month_of(a) = month_of(b))::int + (day_of(a) = day_of(b))::int >= 2 end;
create temp macro same_box(a, b) as split_part(a, '@', 1) = split_part(b, '@', 1);
create temp macro same_line(a, b) as right(a, 7) = right(b, 7);
"""
NEAR, ONE_OFF = "near({a}, {b})", "one_off({a}, {b})"
SHORT = ("postcode", "province", "country")
WITHIN = ("city", "province", "country")  # who shares one shares those after it, which then says nothing more


@dataclass(frozen=True)
class Level:
    """One rung: its word, its condition, and the share of true pairs that usually stand on it."""

    word: str
    sql: str
    usual: float


@dataclass(frozen=True)
class Ladder:
    """The levels of one column from the likest down to “different”."""

    column: str
    missing: str
    levels: tuple[Level, ...]

    def word(self, gamma: int) -> str:
        """Say on which level a pair stands, by Splink's count: the top has the highest, -1 is not known."""
        return "unknown" if gamma < 0 else self.levels[len(self.levels) - 1 - gamma].word

    def told(self, *, rarity: bool = True) -> dict[str, Any]:
        """Write it as Splink takes it; with `rarity`, to share a rare value weighs more than to share a common one."""
        levels = [{"sql_condition": self.missing, "label_for_charts": "unknown", "is_null_level": True}]
        levels += [self._level(level, rare=rarity and number == 0) for number, level in enumerate(self.levels)]
        return {"output_column_name": self.column, "comparison_levels": levels}

    def _level(self, level: Level, *, rare: bool) -> dict[str, Any]:
        told = {"sql_condition": level.sql, "label_for_charts": level.word, "m_probability": level.usual}
        told["u_probability"] = _by_chance(level, self)
        if rare and self.column not in LISTS:
            told |= {"tf_adjustment_column": self.column, "tf_adjustment_weight": 1.0}
        return told


def _by_chance(level: Level, ladder: Ladder) -> float:
    """The share of strangers on a level before anything is learned: a hundredth each, the rest are different."""
    return 1 - 0.01 * (len(ladder.levels) - 1) if level.sql == "ELSE" else 0.01


def measure_in(connection: Any) -> None:
    """Make the measures known to a connection of the engine."""
    connection.execute(MEASURES)


def ladders(columns: Mapping[str, bool]) -> list[Ladder]:
    """Make the ladder of every column there is; the columns say of themselves whether they are lists."""
    return [_ladder(name, columns) for name in columns if name != "unique_id" and not name.endswith("_sound")]


def _ladder(name: str, columns: Mapping[str, bool]) -> Ladder:
    if name in {"given", "surname"}:
        return _name(name, columns)
    if name == "birthday":
        return _birthday()
    if name in LISTS:
        return _phones(columns) if name == "phones" else _emails(columns)
    missing = f"{name}_l is null or {name}_r is null" + "".join(_implied(name, columns))
    near = () if name in SHORT else (_alike(name, 0.04),)
    return Ladder(name, missing, (_same(name, 0.8), _typo(name, 0.08), *near, Level("different", "ELSE", 0.08)))


def _implied(name: str, columns: Mapping[str, bool]) -> Iterator[str]:
    finer = WITHIN[: WITHIN.index(name)] if name in WITHIN else ()
    return (f" or coalesce({each}_l = {each}_r, false)" for each in finer if each in columns)


def _same(name: str, usual: float) -> Level:
    return Level("same", f"{name}_l = {name}_r", usual)


def _typo(name: str, usual: float) -> Level:
    return Level("typo", _of(name, ONE_OFF), usual)


def _alike(name: str, usual: float) -> Level:
    return Level("alike", _of(name, NEAR), usual)


def _name(name: str, columns: Mapping[str, bool]) -> Ladder:
    sound, missing = _sound(name, columns), f"{name}_l is null or {name}_r is null"
    levels = [_same(name, 0.76)]
    if sound != name:
        levels.append(Level("sounds alike", f"{sound}_l = {sound}_r", 0.04))
    if {"given", "surname"} <= set(columns):
        given, family = _sound("given", columns), _sound("surname", columns)
        swapped = f"swapped({given}_l, {family}_l, {given}_r, {family}_r)"  # 陈阳 and 杨清 are strangers
        levels.append(Level("swapped", swapped, 0.03))
        if name == "surname":  # one slip is counted once, of the given names where both are known
            missing += f" or (given_l is not null and given_r is not null and {sound}_l <> {sound}_r and ({swapped}))"
    levels += [_typo(sound, 0.06), _alike(sound, 0.04)]
    one = f"length({sound}_l) = 1 or length({sound}_r) = 1"
    levels.append(Level("initial", f"({one}) and left({sound}_l, 1) = left({sound}_r, 1)", 0.02))
    levels.append(Level("different", "ELSE", 0.08))
    return Ladder(name, missing, tuple(levels))


def _sound(name: str, columns: Mapping[str, bool]) -> str:
    return f"{name}_sound" if f"{name}_sound" in columns else name


def _birthday() -> Ladder:
    levels = (
        _same("birthday", 0.84),
        Level("day and month swapped", _of("birthday", "days_swapped({a}, {b})"), 0.01),
        _typo("birthday", 0.06),
        Level("part", _of("birthday", "days_alike({a}, {b})"), 0.03),
        Level("alike", _of("birthday", "days_apart({a}, {b}) <= 2"), 0.02),
        Level("different", "ELSE", 0.04),
    )
    return Ladder("birthday", "birthday_l is null or birthday_r is null", levels)


def _phones(columns: Mapping[str, bool]) -> Ladder:
    levels = (
        Level("same", _any("phones", "{a} = {b}", columns), 0.6),
        Level("same number, other code", _any("phones", "same_line({a}, {b})", columns), 0.02),
        Level("typo", _any("phones", ONE_OFF, columns), 0.05),
        Level("different", "ELSE", 0.33),
    )
    return Ladder("phones", "phones_l is null or phones_r is null", levels)


def _emails(columns: Mapping[str, bool]) -> Ladder:
    levels = (
        Level("same", _any("emails", "{a} = {b}", columns), 0.6),
        Level("same before the @", _any("emails", "same_box({a}, {b})", columns), 0.06),
        Level("alike", _any("emails", NEAR, columns), 0.06),
        Level("different", "ELSE", 0.28),
    )
    return Ladder("emails", "emails_l is null or emails_r is null", levels)


def _any(name: str, condition: str, columns: Mapping[str, bool]) -> str:
    """Hold where any value of the one and any of the other do: a person has several phones.

    Where everybody has one at most they are compared as they are, which takes the engine a tenth of the time.
    """
    if not columns[name]:
        return _of(name, condition)
    if condition == "{a} = {b}":
        return f"list_has_any({name}_l, {name}_r)"
    inner = f"list_filter({name}_r, lambda b: {condition.format(a='a', b='b')})"
    return f"len(list_filter({name}_l, lambda a: len({inner}) > 0)) > 0"


def _of(name: str, condition: str) -> str:
    return condition.format(a=f"{name}_l", b=f"{name}_r")

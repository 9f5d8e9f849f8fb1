import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guanxi.identity.duplicates import blocking, comparisons, grouping, model
from guanxi.identity.duplicates.preparation import APART, prepare
from guanxi.warehouse import engine

WEIGHED = st.dictionaries(
    st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] < pair[1]),
    st.integers(-30, 30).filter(bool),
    max_size=25,
)


def table(weighed: list[tuple[tuple[int, int], int]]) -> pl.DataFrame:
    rows = [(left, right, float(weight)) for (left, right), weight in weighed]
    return pl.DataFrame(rows, schema={"left": pl.Int64, "right": pl.Int64, "weight": pl.Float64}, orient="row")


@given(WEIGHED, st.randoms())
def test_who_is_whom_does_not_hang_on_the_order_of_pairs(weighed: dict[tuple[int, int], int], chance: object) -> None:
    pairs = list(weighed.items())
    shuffled = sorted(pairs, key=lambda _pair: chance.random())  # type: ignore[attr-defined]
    assert grouping.groups(table(pairs), 9).tolist() == grouping.groups(table(shuffled), 9).tolist()


@given(WEIGHED)
def test_no_group_is_left_that_the_evidence_would_join_or_part(weighed: dict[tuple[int, int], int]) -> None:
    label = grouping.groups(table(list(weighed.items())), 9)
    between: dict[tuple[int, int], int] = {}
    for (left, right), weight in weighed.items():
        if label[left] != label[right]:
            pair = (min(label[left], label[right]), max(label[left], label[right]))
            between[pair] = between.get(pair, 0) + weight
    within = sum(weight for (left, right), weight in weighed.items() if label[left] == label[right])
    assert within >= 0
    assert label.tolist() == [min(np.flatnonzero(label == each)) for each in label]


def test_one_likeness_does_not_join_two_families_that_contradict_each_other() -> None:
    two = [((0, 1), 20), ((2, 3), 20), ((1, 2), 3), ((0, 2), -9), ((0, 3), -9), ((1, 3), -9)]
    assert grouping.groups(table(two), 4).tolist() == [0, 0, 2, 2]


def people(**columns: list[str | None]) -> pl.DataFrame:
    return prepare(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)))


def test_a_thousand_at_one_address_are_never_compared_with_each_other() -> None:
    names = [f"n{number % 500}" for number in range(1000)]
    _keyed, rules = blocking.block(
        people(surname=names, street=["9 dormitory road"] * 999 + [None], city=["x", "y"] * 500)
    )
    assert sum(rule.pairs for rule in rules) <= 1000 * blocking.PAIRS_A_PERSON
    assert {rule.columns for rule in rules if rule.pairs == 500} == {("surname",)}


@pytest.mark.parametrize(
    ("column", "left", "right", "level"),
    [
        ("full_name", "林婉清", "林婉清", "same"),
        ("full_name", "林婉清", "林婉晴", "sounds alike"),
        ("full_name", "林婉清", "Wanqing Lin", "sounds alike"),
        ("full_name", "林婉清", "Lin Wanqing", "swapped"),
        ("full_name", "陈阳", "杨清蓉", "different"),
        ("full_name", "Emma Thornton", "Thornton, Emma", "same"),
        ("full_name", "Emma Thornton", "E Thornton", "initial"),
        ("full_name", "Emma Thornton", "Ema Thornton", "typo"),
        ("birthday", "1971-05-24", "1971-24-05", "day and month swapped"),
        ("birthday", "19710524", "24/05/1971", "same"),
        ("birthday", "19710524", "19710542", "typo"),
        ("phone", "138 1234 5678", "+8613812345678", "same"),
        ("phone", "13812345678", "13812345687", "typo"),
        ("phone", f"13900000001{APART}13812345678", "13812345679", "typo"),
        ("email", "ada@x.com", "ADA@x.com", "same"),
        ("email", "ada@x.com", "ada@y.com", "same before the @"),
        ("email", f"no@x.com{APART}ada.byron@x.com", "ada.byrno@x.com", "alike"),
        ("postcode", "3165", "3615", "typo"),
        ("street", "12 Döbel-Street", "12, dobel street", "same"),
        ("street", None, "12 dobel street", "unknown"),
    ],
)
def test_a_value_told_twice_stands_on_its_level(column: str, left: str, right: str, level: str) -> None:
    both = people(**{column: [left, right, {"full_name": "Zoë Ng", "phone": "13900009999"}.get(column, "7")]})
    name = {"full_name": "given", "phone": "phones", "email": "emails"}.get(column, column)
    assert stands(both, name) == level


def stands(both: pl.DataFrame, name: str) -> str:
    kinds = {each: kind == pl.List for each, kind in both.schema.items()}
    (ladder,) = [each for each in comparisons.ladders(kinds) if each.column == name]
    left, right = both[:1].rename(lambda each: f"{each}_l"), both[1:2].rename(lambda each: f"{each}_r")
    conditions = [ladder.missing, *(level.sql.replace("ELSE", "true") for level in ladder.levels)]
    with engine.connect() as connection:
        comparisons.measure_in(connection)
        pair = connection.from_arrow(pl.concat([left, right], how="horizontal").to_arrow())
        (holds,) = pair.project(", ".join(f"coalesce({each}, false)" for each in conditions)).fetchall()
    words = ["unknown", *(level.word for level in ladder.levels)]
    return next(word for word, held in zip(words, holds, strict=True) if held)


WORDS = st.text("abc1é王", min_size=1, max_size=8)


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1))
@example([("abcd", "abdc"), ("12", "21"), ("ab12", "b12c"), ("ab", "aab")])
def test_one_off_is_one_edit_or_two_neighbours_that_changed_places(pairs: list[tuple[str, str]]) -> None:
    with engine.connect() as connection:
        comparisons.measure_in(connection)
        both = connection.from_arrow(pl.DataFrame(pairs, schema=["a", "b"], orient="row").to_arrow())
        found = both.project("a, b, one_off(a, b)").fetchall()
        slowly = both.project("a, b, damerau_levenshtein(a, b) <= 1").fetchall()
    assert found == slowly


def test_a_city_says_nothing_more_of_its_province_nor_swapped_names_of_the_surname() -> None:
    both = people(full_name=["林婉清", "Lin Wanqing"], city=["杭州", "杭州"], province=["浙江", "浙江"])
    assert {name: stands(both, name) for name in ("given", "surname", "city", "province")} == {
        "given": "swapped", "surname": "unknown", "city": "same", "province": "unknown"
    }  # fmt: skip
    moved = people(city=["杭州", "宁波"], province=["浙江", "浙江"])
    assert stands(moved, "province") == "same"


def test_few_people_are_weighed_by_the_usual_weights() -> None:
    given_names = ["Ada", "Ada", "Bo", "Cy", "Di", "Ed"]
    told = people(
        given_name=given_names,
        surname=["Byron", "Byrom", "Ek", "Ek", "Fox", "Gil"],
        birthday=["18151210", "18151210", "19990101", "20000202", "19710524", "19880808"],
        phone=["13812345678", "13812345679", "13911112222", "13711112222", "", "13611112222"],
    )
    scores = model.score(told)
    assert grouping.groups(scores.pairs, 6).tolist() == [0, 0, 2, 3, 4, 5]
    ada = scores.pairs.row(by_predicate=(pl.col("left") == 0) & (pl.col("right") == 1), named=True)
    words = {ladder.column: ladder.word(ada[f"gamma_{ladder.column}"]) for ladder in scores.ladders}
    assert words == {"given": "same", "surname": "typo", "birthday": "same", "phones": "typo"}


def test_people_who_share_nothing_give_no_pairs() -> None:
    assert model.score(people(surname=["Ek", "Fox"], phone=["13812345678", "13911112222"])).pairs.height == 0

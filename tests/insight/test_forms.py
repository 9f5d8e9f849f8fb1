"""The form of the rules takes what is typed as it is, and says every fault under its own field."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.forms import SchemeForm
from guanxi.insight.scheme import DEFAULT

TYPED = {
    name: "" if value is None else str(value)
    for name, value in SchemeForm.of(DEFAULT, base=1, currency="CNY").initial.items()
}


def typed(**changed: str) -> SchemeForm:
    return SchemeForm.typed({**TYPED, **changed}, currency="CNY")


def faults(form: SchemeForm) -> dict[str, list[str]]:
    assert not form.is_valid()
    assert form.proposed is None
    return {name: [str(each) for each in said] for name, said in form.errors.items()}


def test_rules_typed_as_they_stand_are_the_rules() -> None:
    form = typed()
    assert form.is_valid()
    assert form.proposed == DEFAULT


def test_money_is_typed_in_whole_units_and_kept_in_minor_ones() -> None:
    limits = {f"monetary_limit_{nth}": text for nth, text in enumerate(("0.5", "20", "300.25", "4000"), 1)}
    form = typed(monetary_method="fixed", **limits)
    assert form.is_valid()
    assert form.proposed
    assert form.proposed.monetary.limits == (50, 2_000, 30_025, 400_000)


def test_weights_that_do_not_make_a_hundred_are_said_under_the_weights() -> None:
    assert faults(typed(recency_weight="50")) == {"monetary_weight": ["The weights add up to 120%. Make them 100%."]}


def test_limits_that_are_missing_or_do_not_grow_are_said_under_the_limits() -> None:
    assert set(faults(typed(frequency_method="fixed", frequency_limit_1="1"))) == {
        "frequency_limit_2", "frequency_limit_3", "frequency_limit_4",
    }  # fmt: skip
    assert "do not grow" in faults(typed(recency_limit_2="3"))["recency_limit_1"][0]


def test_classes_that_overlap_or_share_a_name_are_said_under_their_own_fields() -> None:
    assert "do not go down" in faults(typed(class_2_from="4.5"))["class_2_from"][0]
    assert "same name" in faults(typed(class_2_en="High-value"))["class_2_zh"][0]
    assert "no name" in faults(typed(class_3_zh="  "))["class_3_zh"][0]


@pytest.mark.parametrize(
    "hostile", ["NaN", "Infinity", "-1", "1" + "0" * 30, "1e30", "9" * 5_000, "twelve", "\ud800", "\x00", "<b>7</b>"]
)
def test_what_is_no_number_is_refused_and_kept(hostile: str) -> None:
    numbers = ("recency_weight", "frequency_window", "monetary_limit_1", "class_1_from")
    form = typed(monetary_method="fixed", **dict.fromkeys(numbers, hostile))
    assert set(numbers) <= set(faults(form))
    assert all(form[name].value() == hostile for name in numbers)


@pytest.mark.parametrize("hostile", ["名" * 200, "a\ud800b", "a\x00b", "a\u202eb", "a\nb", "\x1b[31m"])
def test_a_name_that_is_too_long_or_cannot_be_shown_is_refused(hostile: str) -> None:
    assert "class_2_zh" in faults(typed(class_2_zh=hostile, class_2_en="Fine"))


def test_markup_in_a_name_is_only_a_name() -> None:
    form = typed(class_1_en="<script>alert(1)</script>")
    assert form.is_valid()
    assert "<script>" not in form.as_p()


@pytest.mark.parametrize("key", ["", "Not a key", "X" * 40, "../../etc", "high value"])
def test_a_key_nobody_gave_is_made_anew(key: str) -> None:
    form = typed(class_2_key=key[:40])
    assert form.is_valid()
    assert form.proposed
    assert form.proposed.classes[1].key == "class_1"


def test_a_class_is_added_above_the_last_and_what_was_typed_stays() -> None:
    form = SchemeForm.rearranged({**TYPED, "class_1_zh": "贵宾", "recency_weight": "abc"}, "add", currency="CNY")
    assert [each["zh"].value() for each in form.classes] == ["贵宾", "潜力", "一般", "", "流失"]
    assert form["recency_weight"].value() == "abc"
    assert not form.is_bound


def test_a_class_is_removed_and_never_below_two() -> None:
    form = SchemeForm.rearranged(TYPED, "remove-2", currency="CNY")
    assert [each["key"].value() for each in form.classes] == ["high_value", "ordinary", "lost"]
    two = {name: value for name, value in TYPED.items() if not name.startswith(("class_3", "class_4"))}
    assert SchemeForm.rearranged(two, "remove-1", currency="CNY").count == 2
    assert SchemeForm.rearranged(TYPED, "remove-99999999999", currency="CNY").count == 4


def test_there_are_never_more_than_six_classes() -> None:
    six = TYPED | {f"class_{nth}_{part}": str(nth) for nth in (5, 6, 7, 8) for part in ("zh", "en", "from", "key")}
    assert SchemeForm.rearranged(six, "add", currency="CNY").count == 6
    assert SchemeForm.typed(six, currency="CNY").count == 6


@given(st.dictionaries(st.sampled_from(sorted(TYPED)), st.text(max_size=60)))
def test_whatever_is_typed_is_either_rules_without_a_fault_or_has_its_faults_said(typed_over: dict[str, Any]) -> None:
    form = typed(**typed_over)
    if form.is_valid():
        assert form.proposed
        assert list(form.proposed.faults()) == []
        assert all(Decimal(each.from_points) <= 500 for each in form.proposed.classes)
    else:
        assert form.errors

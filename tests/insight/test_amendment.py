"""A change of the rules is told in words, in both languages."""

from dataclasses import replace

from django.utils import translation

from guanxi.insight.amendment import Change, changes
from guanxi.insight.scheme import DEFAULT, RfmClass

HIGH, *REST = DEFAULT.classes


def test_the_same_rules_have_no_difference() -> None:
    assert changes(DEFAULT, DEFAULT, "CNY") == []


def test_weights_windows_and_limits_are_told() -> None:
    now = replace(
        DEFAULT,
        recency=replace(DEFAULT.recency, weight_percent=40, limits=None),
        monetary=replace(DEFAULT.monetary, weight_percent=30, window_days=None, limits=(100, 200, 300, 450)),
    )
    assert changes(DEFAULT, now, "CNY") == [
        Change("Recency: weight", "30%", "40%"),
        Change("Recency: limits", "7 / 30 / 90 / 180", "by fifths of the buyers"),
        Change("Monetary: weight", "40%", "30%"),
        Change("Monetary: window", "365 days", "all time"),
        Change("Monetary: limits", "by fifths of the buyers", "¥1.00 / ¥2.00 / ¥3.00 / ¥4.50"),
    ]


def test_classes_are_told_by_their_keys_so_that_a_new_name_is_no_new_class() -> None:
    renamed = replace(DEFAULT, classes=(replace(HIGH, name_zh="贵宾", name_en="VIP"), *REST))
    assert changes(DEFAULT, renamed, "CNY") == [
        Change("Class “VIP”", "高价值 / High-value · score from 4.0", "贵宾 / VIP · score from 4.0")
    ]


def test_a_class_added_and_one_taken_away_are_told() -> None:
    gold = RfmClass(key="class_1", from_points=450, name_zh="金", name_en="Gold")
    now = replace(DEFAULT, classes=(gold, *REST))
    assert changes(DEFAULT, now, "CNY") == [
        Change("Class “Gold”", "", "金 / Gold · score from 4.5"),
        Change("Class “High-value”", "高价值 / High-value · score from 4.0", "no more"),
    ]


def test_differences_speak_chinese() -> None:
    with translation.override("zh-hans"):
        now = replace(DEFAULT, recency=replace(DEFAULT.recency, weight_percent=31))
        assert changes(DEFAULT, now, "CNY") == [Change("最近消费：权重", "30%", "31%")]

from dataclasses import replace

import pytest

from guanxi.accounts.models import Staff
from guanxi.insight.models import BadScheme, RfmScheme
from guanxi.insight.scheme import DEFAULT, Scheme


def test_the_first_rules_are_the_usual_ones(db: None) -> None:
    first = RfmScheme.current()
    assert (first.version, first.scheme) == (1, DEFAULT)
    assert RfmScheme.current() == first


def test_new_rules_are_a_new_version_and_the_old_one_stays(db: None, owner: Staff) -> None:
    RfmScheme.current()
    changed = replace(DEFAULT, recency=replace(DEFAULT.recency, limits=(14, 30, 60, 120)))
    second = RfmScheme.objects.adopt(changed, by=owner)
    assert (second.version, second.by, RfmScheme.current()) == (2, owner, second)
    assert RfmScheme.objects.get(version=1).scheme == DEFAULT


def test_adopting_the_rules_in_force_changes_nothing(db: None, owner: Staff) -> None:
    first = RfmScheme.current()
    assert RfmScheme.objects.adopt(DEFAULT, by=owner) == first
    assert RfmScheme.objects.count() == 1


def test_rules_come_back_from_the_book_as_they_were() -> None:
    assert Scheme.of(DEFAULT.kept()) == DEFAULT


HIGH, *REST = DEFAULT.classes


@pytest.mark.parametrize(
    ("faulty", "sentence"),
    [
        (replace(DEFAULT, recency=replace(DEFAULT.recency, weight_percent=40)), "The weights add up to 110%."),
        (
            replace(
                DEFAULT,
                recency=replace(DEFAULT.recency, weight_percent=-10),
                monetary=replace(DEFAULT.monetary, weight_percent=80),
            ),
            "The weight of Recency is below 0.",
        ),
        (replace(DEFAULT, frequency=replace(DEFAULT.frequency, window_days=0)), "The window of Frequency has no days."),
        (replace(DEFAULT, recency=replace(DEFAULT.recency, limits=(7, 30, 30, 180))), "limits of Recency do not grow"),
        (replace(DEFAULT, recency=replace(DEFAULT.recency, limits=(7, 30))), "limits of Recency do not grow"),
        (replace(DEFAULT, classes=(HIGH,)), "There are 1 classes. Give 2 to 6."),
        (replace(DEFAULT, classes=(HIGH, *REST, replace(REST[-1], from_points=-1))), "the same key"),
        (replace(DEFAULT, classes=(replace(HIGH, name_zh=""), *REST)), "A class has no name."),
        (replace(DEFAULT, classes=(*REST, HIGH)), "do not go down from the highest score"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(db: None, faulty: Scheme, sentence: str) -> None:
    with pytest.raises(BadScheme, match=sentence):
        RfmScheme.objects.adopt(faulty)
    assert not RfmScheme.objects.exists()

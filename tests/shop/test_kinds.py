"""What a field of each kind takes and refuses."""

import pytest

from guanxi.shop.kinds import BadValue, read, shown, split
from guanxi.shop.models import CustomField, Kind
from tests.shop.conftest import TASTES


def field(kind: str, **told: object) -> CustomField:
    choices = TASTES if kind in {Kind.CHOICE, Kind.CHOICES} else []
    return CustomField(name="x", kind=kind, label_en="Size", label_zh="尺寸", **{"choices": choices, **told})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "typed", "text"),
    [
        (Kind.TEXT, "  a box  ", "a box"),
        (Kind.LONG, "one\r\ntwo", "one\ntwo"),
        (Kind.WHOLE, "1,200", "1200"),
        (Kind.WHOLE, "-3", "-3"),
        (Kind.DECIMAL, "12.50", "12.5"),
        (Kind.DECIMAL, "-0.0001", "-0.0001"),
        (Kind.DECIMAL, "100", "100"),
        (Kind.DATE, "2026/11/27", "2026-11-27"),
        (Kind.DATE, "2026年11月27日", "2026-11-27"),
        (Kind.YES_NO, "是", "yes"),
        (Kind.YES_NO, "No", "no"),
        (Kind.CHOICE, "焙火", "roasted"),
        (Kind.CHOICE, "FLORAL", "floral"),
        (Kind.LINK, "https://example.com/a?b=1", "https://example.com/a?b=1"),
        (Kind.TEXT, "=1+1", "=1+1"),
        (Kind.TEXT, "<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_a_field_takes_what_people_type(kind: str, typed: str, text: str) -> None:
    assert [each.text for each in read(field(kind), [typed])] == [text]


@pytest.mark.parametrize(
    ("kind", "typed", "why"),
    [
        (Kind.TEXT, "a\x00b", "cannot be shown"),
        (Kind.TEXT, "a\ud800b", "cannot be shown"),
        (Kind.TEXT, "a\x1bb", "cannot be shown"),
        (Kind.TEXT, "a\nb", "one line"),
        (Kind.TEXT, "x" * 201, "201 letters; 200 fit"),
        (Kind.LONG, "x" * 4001, "4,000 fit"),
        (Kind.WHOLE, "1.5", "no whole number"),
        (Kind.WHOLE, "9" * 14, "no whole number"),
        (Kind.WHOLE, "１２", "no whole number"),
        (Kind.DECIMAL, "1.23456", "four digits"),
        (Kind.DECIMAL, "1e5", "no number"),
        (Kind.DECIMAL, "nan", "no number"),
        (Kind.DATE, "2026-02-30", "no day"),
        (Kind.DATE, "0001-01-01", "no day"),
        (Kind.YES_NO, "perhaps", "neither yes nor no"),
        (Kind.CHOICE, "bitter", "Floral, Roasted, Sweet"),
        (Kind.LINK, "javascript:alert(1)", "no link"),
        (Kind.LINK, "https://", "no link"),
        (Kind.LINK, "https://[", "no link"),
        (Kind.LINK, "https://a b", "no link"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(kind: str, typed: str, why: str) -> None:
    with pytest.raises(BadValue, match=why):
        read(field(kind), [typed])


def test_limits_hold_numbers_and_the_letters_of_texts() -> None:
    assert read(field(Kind.WHOLE, least=1, most=5), ["5"])[0].number == 5
    with pytest.raises(BadValue, match="Give 1 to 5"):
        read(field(Kind.WHOLE, least=1, most=5), ["6"])
    with pytest.raises(BadValue, match=r"Give 0\.5 to 2"):
        read(field(Kind.DECIMAL, least=5_000, most=20_000), ["2.1"])
    with pytest.raises(BadValue, match="at least 3"):
        read(field(Kind.TEXT, least=3), ["ab"])


def test_a_needed_field_cannot_be_emptied() -> None:
    assert read(field(Kind.TEXT), ["  "]) == []
    with pytest.raises(BadValue, match="Give Size"):
        read(field(Kind.TEXT, is_required=True), [""])


def test_several_choices_stand_in_the_order_of_the_field_each_once() -> None:
    several = field(Kind.CHOICES)
    assert [each.text for each in read(several, split(several, "甜润；floral,Floral"))] == ["floral", "sweet"]
    assert shown(several, ["floral", "sweet"]) == "Floral, Sweet"

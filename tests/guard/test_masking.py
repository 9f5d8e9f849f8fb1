"""Masked values are recognisable and useless."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.guard import cells, dialect, fileout, masking, sealing
from guanxi.guard.masking import mask_address, mask_email, mask_name, mask_phone


@pytest.mark.parametrize("module", [masking, dialect, fileout, sealing, cells])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+8618312342807", "183****2807"),
        ("18312342807", "183****2807"),
        ("+44 7700 900194", "+44 7*** 0194"),
        ("+12025550123", "+1 2*** 0123"),
        ("no phone", "***"),
        ("110", "***"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_phone_shows_its_ends(phone: str | None, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("林晓雨", "林**"),
        ("林", "林**"),
        ("欧阳娜娜", "欧阳**"),
        ("Emma Taylor", "Emma T."),
        ("Emma", "E***"),
        ("", ""),
    ],
)
def test_a_name_shows_surname_or_initial(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("email", "shown"),
    [("linxiaoyu@163.com", "lin***@163.com"), ("lin@163.com", "l***@163.com"), ("@x", "***"), ("lin", "***")],
)
def test_an_email_shows_its_beginning_and_domain(email: str, shown: str) -> None:
    assert mask_email(email) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("浙江省杭州市西湖区文三路90号3幢501", "浙江省杭州市西湖区 ***"),
        ("上海市浦东新区世纪大道1号", "上海市浦东新区 ***"),
        ("浙江省 杭州市 西湖区 文三路", "浙江省 杭州市 西湖区 ***"),
        ("文三路90号", "***"),
        ("12 High Street, Leeds LS1 4AP", "***"),
    ],
)
def test_an_address_shows_no_more_than_its_district(address: str, shown: str) -> None:
    assert mask_address(address) == shown


@given(st.text(min_size=5))
def test_no_mask_gives_a_whole_value_away(value: str) -> None:
    for mask in (mask_phone, mask_name, mask_email, mask_address):
        assert mask(value) != value.strip() or not value.strip()

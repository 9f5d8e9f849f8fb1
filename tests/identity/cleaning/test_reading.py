"""Cleaning judges what people are called and where they are reached, and never changes it in silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.identity.cleaning.addresses import province_of, split_address
from guanxi.identity.cleaning.divisions import places
from guanxi.identity.cleaning.emails import PROVIDERS, REAL, judge_email, meant_by
from guanxi.identity.cleaning.names import read_name, split
from guanxi.identity.cleaning.phones import Line, judge_phone, origin_of
from guanxi.identity.cleaning.reading import Reason, Verdict


@pytest.mark.parametrize(
    ("typed", "surname", "given"),
    [
        ("林晓雨", "林", "晓雨"),
        ("欧阳娜娜", "欧阳", "娜娜"),
        ("司马光", "司马", "光"),
        ("高 圆圆", "高", "圆圆"),
        ("迪丽热巴·迪力木拉提", "迪力木拉提", "迪丽热巴"),
        ("Emma Mary Taylor", "Taylor", "Emma Mary"),
    ],
)
def test_surnames_are_told_from_given_names(typed: str, surname: str, given: str) -> None:
    assert split(typed) == (surname, given)
    assert read_name(typed).verdict == Verdict.GOOD


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("🌸🌸🌸", Reason.NO_LETTERS),
        ("123", Reason.NO_LETTERS),
        ("　", Reason.EMPTY),
        ("林**", Reason.MASKED),
        ("匿名用户", Reason.NOBODY),
        ("N/A", Reason.NOBODY),
    ],
)
def test_what_is_no_name_is_refused_with_a_reason(typed: str, reason: Reason) -> None:
    read = read_name(typed)
    assert (read.value, read.verdict, read.reason) == ("", Verdict.UNUSABLE, reason)


@given(st.text(max_size=40))
def test_a_name_keeps_every_letter_that_was_written(text: str) -> None:
    read = read_name(text)
    assert read.verdict == Verdict.UNUSABLE or len([each for each in read.value if each.isalpha()]) > 0
    assert read_name(read.value).value == read.value


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("陈女士", "陈"), ("LI NA", "Li Na"), ("🌸林晓雨🌸", "林晓雨"), ("Mr. Tom Smith", "Tom Smith")],
)
def test_a_better_name_is_offered_and_what_was_written_stays(typed: str, offered: str) -> None:
    read = read_name(typed)
    assert (read.value, read.verdict, read.suggestion) == (typed, Verdict.DOUBTFUL, offered)


@pytest.mark.parametrize(
    ("typed", "value", "reason"),
    [
        ("183 1234-2807", "+8618312342807", None),
        ("+44 7911 123456", "+447911123456", None),
        ("13800000000", "+8613800000000", Reason.INVENTED),
        ("13800138000", "+8613800138000", Reason.INVENTED),
        ("12345678", "", Reason.INVENTED),
        ("11111111111", "", Reason.INVENTED),
        ("138****5678", "", Reason.MASKED),
        ("call me", "", Reason.NO_PHONE),
        *((f"{prefix}12352468"[:11], f"+86{prefix}12352468", Reason.VIRTUAL) for prefix in (162, 165, 167, 170, 171)),
        ("18877771111-123", "+8618877771111", Reason.FORWARDED),
    ],
)
def test_phones_are_read_and_judged(typed: str, value: str, reason: Reason | None) -> None:
    read = judge_phone(typed)
    assert (read.value, read.reason) == (value, reason)


def test_a_phone_tells_its_region_carrier_and_line_in_both_languages() -> None:
    zh, en = origin_of("+8618312342807"), origin_of("+8618312342807", "en")
    assert (zh.carrier, en.carrier, zh.line) == ("中国移动", "China Mobile", Line.MOBILE)
    assert "广东" in zh.region
    assert "Guangdong" in en.region
    assert origin_of("+442079460000", "en").line == Line.FIXED


@pytest.mark.parametrize("provider", [each for each in PROVIDERS if len(each.partition(".")[0]) >= 5])
def test_two_letters_that_changed_places_are_offered_back(provider: str) -> None:
    swapped = provider[0] + provider[2] + provider[1] + provider[3:]
    assert swapped in REAL or meant_by(swapped) == provider


@pytest.mark.parametrize("real", sorted(REAL | {"mail.example", "136.com", "qg.com", "aon.com", "example.org"}))
def test_a_provider_that_exists_is_taken_at_its_word(real: str) -> None:
    assert meant_by(real) == ""


def test_a_mistyped_address_stays_as_it_was_typed() -> None:
    read = judge_email("Lin@gmial.com")
    assert (read.value, read.reason, read.suggestion) == ("lin@gmial.com", Reason.MISTYPED, "lin@gmail.com")


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("北京市朝阳区建国路88号", ("北京市", "北京市", "朝阳区", "建国路")),
        ("上海市市辖区浦东新区张江镇", ("上海市", "上海市", "浦东新区", "张江镇")),
        ("内蒙呼和浩特市新城区", ("内蒙古自治区", "呼和浩特市", "新城区", "")),
        ("新疆乌鲁木齐天山区", ("新疆维吾尔自治区", "乌鲁木齐市", "天山区", "")),
        ("昆山市玉山镇", ("江苏省", "苏州市", "昆山市", "玉山镇")),
        ("吉林市船营区", ("吉林省", "吉林市", "船营区", "")),
        ("广东省东莞市长安镇锦厦路", ("广东省", "东莞市", "", "长安镇")),
        ("香港九龙城区", ("香港特别行政区", "", "九龙城区", "")),
        ("台湾台北市信义区", ("台湾省", "台北市", "", "")),
        ("重庆渝北区", ("重庆市", "重庆市", "渝北区", "")),
        ("陕西省西安市雁塔区小寨路街道", ("陕西省", "西安市", "雁塔区", "小寨路街道")),
    ],
)
def test_chinese_addresses_are_split(typed: str, parts: tuple[str, ...]) -> None:
    read = split_address(typed)
    assert (read.value, read.parts, read.verdict) == (typed, parts, Verdict.GOOD)


def test_a_district_of_several_cities_is_said_to_be_one() -> None:
    read = split_address("鼓楼区中山路1号")
    assert (read.reason, read.province) == (Reason.AMBIGUOUS, "")
    assert "江苏省南京市鼓楼区" in read.candidates
    assert "福建省福州市鼓楼区" in read.candidates


def test_places_that_do_not_lie_in_each_other_are_not_forced() -> None:
    read = split_address("浙江省南京市玄武区")
    assert (read.reason, read.city) == (Reason.CONTRADICTS, "")


@pytest.mark.parametrize("typed", ["12 High Street, Leeds LS1 4AP", "Rua Augusta 200, São Paulo"])
def test_foreign_addresses_stay_as_they_are(typed: str) -> None:
    assert split_address(typed).value == typed
    assert split_address(typed).parts == ("", "", "", "")


def test_every_place_of_the_table_is_found_by_its_whole_name() -> None:
    for place in places():
        above, written = place, ""
        while above is not None:
            written, above = above.name + written, above.within  # type: ignore[assignment]
        read = split_address(written)
        assert read.province == place.province.name, written
        assert place.level < 3 or read.district == place.name, written


@given(st.text(alphabet="北京市朝阳区省县内蒙古旗吉林广西,0 a", max_size=60))
def test_no_address_hangs_or_fails(text: str) -> None:
    assert split_address(text).value == text.strip()


def test_provinces_are_named_as_the_table_does() -> None:
    assert [province_of(each) for each in ("内蒙", "广西", "北京", "Leeds")] == [
        "内蒙古自治区",
        "广西壮族自治区",
        "北京市",
        "",
    ]

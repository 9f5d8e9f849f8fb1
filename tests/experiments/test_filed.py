"""Files of experiments as people have them, and the sentence each odd one gets."""

import gzip
import math
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from scipy import stats

from guanxi.experiments import filed
from guanxi.experiments.assignment import BadExperiment
from guanxi.experiments.figures import figures
from guanxi.guard.errors import BadFile

Write = Callable[..., Path]
ASKED = filed.Asked("arm", ["m"])


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Give a writer of small CSV files with the columns `arm` and `m`."""

    def written(rows: Iterable[Any], *, head: str = "arm,m", encoding: str = "utf-8") -> Path:
        path = tmp_path / "trial.csv"
        lines = [head, *(row if isinstance(row, str) else ",".join(map(str, row)) for row in rows)]
        path.write_bytes("\n".join([*lines, ""]).encode(encoding))
        return path

    return written


def read(path: Path, asked: filed.Asked = ASKED) -> dict[str, Any]:
    return figures(filed.read(path, asked))


def arms_of(told: dict[str, Any], place: int = 0) -> dict[str, dict[str, Any]]:
    return {each["arm"]: each for each in told["metrics"][place]["arms"]}


def numbers_in(value: Any) -> list[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for each in value for number in numbers_in(each)]
    return [value] if isinstance(value, float) else []


def test_a_share_is_compared_as_a_share_and_an_amount_as_an_amount(write: Write) -> None:
    chance = random.Random(1)
    rows = [
        ("AB"[k % 2], "yes" if chance.random() < 0.4 else "no", round(chance.expovariate(1), 4)) for k in range(501)
    ]
    told = read(write(rows, head="arm,bought,spent"), filed.Asked("arm", ["bought", "spent"]))
    assert [(metric["metric"], metric["kind"]) for metric in told["metrics"]] == [
        ("bought", "proportion"),
        ("spent", "number"),
    ]
    spent = {arm: [row[2] for row in rows if row[0] == arm] for arm in "AB"}
    wanted = stats.ttest_ind(spent["B"], spent["A"], equal_var=False)
    found = arms_of(told, 1)["B"]
    assert (found["t"], found["df"], found["p"]) == pytest.approx((wanted.statistic, wanted.df, wanted.pvalue))
    low, high = wanted.confidence_interval()
    assert found["interval"] == pytest.approx([low, high])
    assert found["z"] is None
    bought = arms_of(told)["B"]
    assert bought["n"] == 250
    assert bought["mean"] == sum(row[1] == "yes" for row in rows if row[0] == "B") / 250
    assert bought["t"] is bought["df"] is None


def test_rows_without_an_arm_or_a_value_are_left_out_and_counted(write: Write) -> None:
    told = read(
        write([("A", 1), ("", 1), ("A", ""), ("B", 3), ("B", "n/a"), (" ", ""), ("B", "tea"), ("A", 5), ("B", 4)])
    )
    assert told["rows"] == 9
    assert told["left_out"] == {"without_arm": 2, "malformed": 0}
    assert [arm["n"] for arm in told["arms"]] == [3, 4]
    assert told["metrics"][0]["left_out"] == {"blank": 2, "text": 1}
    assert {arm: each["n"] for arm, each in arms_of(told).items()} == {"A": 2, "B": 2}


def test_more_missing_in_one_arm_than_in_another_is_told(write: Write) -> None:
    rows = [("AB"[k % 2], "" if k % 2 and k % 3 == 0 else k % 5) for k in range(600)]
    assert read(write(rows))["metrics"][0]["left_out_evenly"]["mismatch"]


def test_rows_that_cannot_be_read_are_counted(write: Write) -> None:
    told = read(write([*(("AB"[k % 2], k % 7) for k in range(60)), "A,1,2,3", "B"]))
    assert told["left_out"] == {"without_arm": 0, "malformed": 2}
    assert told["rows"] == 62


def test_arms_that_are_numbers_stand_in_their_order_and_the_first_is_compared_with(write: Write) -> None:
    told = read(write([(k % 11, k % 5) for k in range(200)]))
    assert [arm["arm"] for arm in told["arms"]] == [str(k) for k in range(11)]
    assert told["control"] == "0"


def test_the_arm_compared_with_is_named_called_so_or_the_first(write: Write) -> None:
    rows = [(("blue", "Control", "amber")[k % 3], k % 5) for k in range(60)]
    assert read(write(rows))["control"] == "Control"
    told = read(write(rows), filed.Asked("arm", ["m"], control="blue"))
    assert [arm["arm"] for arm in told["arms"]] == ["blue", "amber", "Control"]
    assert read(write([(("b", "a")[k % 2], k) for k in range(9)]))["control"] == "a"
    zh = write([(("实验组", "对照组")[k % 2], k) for k in range(9)])
    assert read(zh)["control"] == "对照组"


def test_chinese_files_of_any_encoding_are_read(write: Write) -> None:
    rows = [(("对照组", "实验组")[k % 2], "是否"[k % 3 > 0], f'"¥1,{k:03}.50"') for k in range(300)]
    asked = filed.Asked("方案", ["是否购买", "金额"])
    told = [
        read(write(rows, head="方案,是否购买,金额", encoding=name), asked)
        for name in ("utf-8-sig", "gb18030", "utf-16")
    ]
    assert told[0] == told[1] == told[2]
    assert arms_of(told[0])["实验组"]["mean"] == pytest.approx(1 / 3)
    assert arms_of(told[0], 1)["对照组"]["mean"] == 1149.5


def test_packed_files_and_workbooks_say_the_same_as_the_text(write: Write, tmp_path: Path) -> None:
    rows = [(k % 2, k * 7 % 13) for k in range(100)]
    plain = write(rows)
    packed = tmp_path / "trial.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    book = Workbook()
    for row in [("arm", "m"), *rows]:
        book.active.append(row)
    book.save(tmp_path / "trial.xlsx")
    assert read(plain) == read(packed) == read(tmp_path / "trial.xlsx")


def test_fifty_arms_are_corrected_for_their_number(write: Write) -> None:
    chance = random.Random(2)
    told = read(write([(f"arm {chance.randrange(50)}", int(chance.random() < 0.3)) for _ in range(5_000)]))
    assert len(told["arms"]) == 50
    assert told["correction"] == {"method": "holm", "comparisons": 49}
    assert [arm["arm"] for arm in told["arms"]][9:11] == ["arm 9", "arm 10"]
    least = min(each["p"] for each in arms_of(told).values() if each["p"] is not None)
    assert min(each["p_holm"] for each in arms_of(told).values() if each["p_holm"]) == min(1, 49 * least)


def test_one_row_in_each_arm_and_values_all_the_same_say_nothing_of_chance(write: Write) -> None:
    single = arms_of(read(write([("A", 2.5), ("B", 4.5)])))["B"]
    assert (single["difference"], single["p"], single["interval"], single["sd"]) == (2, None, None, None)
    same = arms_of(read(write([("AB"[k % 2], (0.1, 0.3)[k % 2]) for k in range(90_000)])))["B"]
    assert (same["mean"], same["p"], same["always"]) == (0.3, None, None)
    never = arms_of(read(write([("AB"[k % 2], "no") for k in range(100)])))["B"]
    assert (never["difference"], never["p"]) == (0, None)
    assert never["interval"][0] < 0 < never["interval"][1]


def test_an_arm_of_which_nothing_is_known_is_not_compared(write: Write) -> None:
    told = read(write([*(("A", k) for k in range(9)), *(("B", "") for _ in range(9)), ("C", 3), ("C", 4)]))
    assert arms_of(told)["B"]["n"] == 0
    assert arms_of(told)["B"]["mean"] is arms_of(told)["B"]["difference"] is None
    assert arms_of(told)["C"]["p"] is not None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["A", "B", "C", ""]),
            st.one_of(st.floats().map(repr), st.sampled_from(["1e149", "-1e149", "1e-200", "", "0", "1", "x", "-5"])),
        ),
        min_size=2,
        max_size=30,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_makes_a_number_that_is_none(write: Write, rows: list[tuple[str, str]]) -> None:
    try:
        told = read(write(rows))
    except (BadExperiment, BadFile):
        return
    assert all(math.isfinite(number) for number in numbers_in(told))


def test_a_huge_file_is_read_in_blocks_to_the_same_figures(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("AB"[k % 2], k * k % 101, k % 17) for k in range(3_000)]
    asked = filed.Asked("arm", ["m"], covariate="before")
    whole = read(write(rows, head="arm,m,before"), asked)
    batches = filed.TableFile.batches
    monkeypatch.setattr(filed.TableFile, "batches", lambda table: batches(table, 7))
    assert numbers_in(read(write(rows, head="arm,m,before"), asked)) == pytest.approx(numbers_in(whole), rel=1e-9)


def test_a_covariate_is_taken_into_account_beside_the_plain_figures(write: Write) -> None:
    chance = random.Random(4)
    rows = [("AB"[k % 2], before + chance.gauss(0, 1), before) for k in range(400) if (before := chance.gauss(50, 5))]
    told = arms_of(read(write(rows, head="arm,m,before"), filed.Asked("arm", ["m"], covariate="before")))["B"]
    assert told["adjusted"]["n"] == 200
    assert told["adjusted"]["variance_saved"] > 0.9
    low, high = told["adjusted"]["interval"]
    assert high - low < (told["interval"][1] - told["interval"][0]) / 3


def test_of_two_columns_of_one_name_the_first_is_read_and_both_can_be_named(write: Write) -> None:
    path = write([("AB"[k % 2], k, -k) for k in range(40)], head="arm,m,m")
    told = read(path)
    assert told["doubled_columns"] == ["m"]
    assert arms_of(told)["A"]["mean"] == 19
    assert arms_of(read(path, filed.Asked("arm", ["m (2)"])))["A"]["mean"] == -19


def test_a_column_is_found_by_its_name_in_other_letters(write: Write) -> None:
    path = write([("AB"[k % 2], k) for k in range(40)], head=" Arm ,Spent Total")
    assert read(path, filed.Asked("arm", ["spent  total"]))["metrics"][0]["metric"] == "Spent Total"


REFUSED = [
    ("arm,m\nA,1\nA,2\n", ASKED, "The column arm names one arm alone, A. An experiment compares at least two."),
    ("arm,m\n,1\n,2\n", ASKED, "No row names an arm in the column arm."),
    ("arm,m\nA,tea\nB,milk\nA,1\n", ASKED, "The column m holds text such as 'tea': a metric is a number below 10^150"),
    ("arm,m\nA,\nB,\n", ASKED, "The column m is blank in every row that names an arm."),
    ("arm,m\nA,yes\nB,2\n", ASKED, "The column m holds both yes and no and other numbers"),
    ("arm,m\nA,1\nB,2\n", filed.Asked("who", ["m"]), "There is no column who. There are: arm, m."),
    ("arm,m\nA,1\nB,2\n", filed.Asked("arm", ["n"]), "There is no column n. There are: arm, m."),
    ("arm,m\nA,1\nB,2\n", filed.Asked("arm", ["arm"]), "one is named twice"),
    ("arm,m\nA,1\nB,2\n", filed.Asked("arm", ["m"], control="C"), "There is no arm C. There are: A, B."),
    (
        "arm,m\nA,1\nB,2\n",
        filed.Asked("arm", ["m"], weights=["1"]),
        "Each arm needs one weight: give 2 of them, for A, B.",
    ),
    (
        "arm,m,x\nA,1,\nB,2,\n",
        filed.Asked("arm", ["m"], covariate="x"),
        "No row holds a number both in the column x and",
    ),
    ("arm,m\nA,1\nB,2\nA,1,2\nB,1,2\nA,1,2\n", ASKED, "More rows cannot be read than can."),
    ("arm,m\n" + "".join(f"u{k},1\n" for k in range(300)), ASKED, "arm holds more than 200 different values"),
]


@pytest.mark.parametrize(("text", "asked", "sentence"), REFUSED)
def test_a_file_that_holds_no_experiment_gets_a_sentence(
    tmp_path: Path, text: str, asked: filed.Asked, sentence: str
) -> None:
    path = tmp_path / "trial.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadExperiment) as refused:
        filed.read(path, asked)
    assert sentence in str(refused.value)


def test_an_empty_file_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "trial.csv").write_bytes(b"")
    with pytest.raises(BadFile):
        filed.read(tmp_path / "trial.csv", ASKED)


@pytest.mark.parametrize("cell", ["0,53", "12,5", "-0,5", "1.234,56", "¥ 3,5", "12,5%"])
def test_decimal_commas_are_refused_with_what_to_do(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "german.csv"
    path.write_text("arm;m;x\n" + "".join(f"{'AB'[k % 2]};{k};{k}\n" for k in range(9)) + f"A;{cell};1\nB;2;1\n")
    with pytest.raises(BadExperiment, match=r"The column m writes decimals with a comma, such as .*with a point"):
        read(path)
    with pytest.raises(BadExperiment, match="The column m writes decimals with a comma"):
        read(path, filed.Asked("arm", ["x"], covariate="m"))


def test_thousands_are_grouped_with_commas_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "grouped.csv"
    path.write_text("arm;m\nA;1,234\nA;1,236\nB;5\nB;7\n")
    assert arms_of(read(path))["A"]["mean"] == 1_235

"""What a shopkeeper reads, in both languages."""

from pathlib import Path

import pytest
from django.utils import translation

from guanxi.experiments import filed, telling


def told(path: Path, rows: list[str], *, language: str = "en", head: str = "arm,m", **asked: object) -> list[str]:
    file = path / "trial.csv"
    file.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    given = filed.Asked(**{"arm": "arm", "metrics": head.split(",")[1:2], **asked})  # type: ignore[arg-type]
    with translation.override(language):
        return telling.told(filed.read(file, given))


def shares(**yes: tuple[int, int]) -> list[str]:
    return [f"{arm},{int(k < count)}" for arm, (count, n) in yes.items() for k in range(n)]


KEPT = {"old": (300, 1_000), "young": (200, 1_000)}


def test_a_proven_difference_is_told_with_its_sizes_and_its_interval(tmp_path: Path) -> None:
    arms, sizes, metric = told(tmp_path, shares(**KEPT))
    assert arms == "Rows in each arm: “old” 1,000; “young” 1,000."
    assert sizes == "The arms are as large as planned, as far as chance goes (p = 1.00)."
    assert metric.startswith("m is 10.00 points lower with “young” than with “old”: 20.00% against 30.00%.")
    assert "The 95% interval is −13.75 to −6.21 points." in metric
    assert "Chance alone rarely makes such a difference (p < 0.0001)." in metric
    assert "whenever one stops: there is one." in metric


def test_the_same_in_chinese(tmp_path: Path) -> None:
    arms, sizes, metric = told(tmp_path, shares(**KEPT), language="zh-hans")
    assert arms == "各方案的行数：“old” 1,000；“young” 1,000。"
    assert sizes.startswith("各方案的人数与计划相符")
    assert metric.startswith("“young”的 m 比“old”低 10.00 个百分点：20.00% 对 30.00%。")


def test_arms_that_are_not_as_large_as_planned_are_not_to_be_trusted(tmp_path: Path) -> None:
    _arms, sizes, metric = told(tmp_path, shares(old=(300, 1_000), young=(160, 800)))
    assert sizes.startswith(
        "The arms are not as large as planned (p < 0.0001): “old” has 55.56% of the rows where 50.00%"
    )
    assert "But the arms are not as large as planned, so do not trust it." in metric


def test_what_chance_makes_often_is_called_so_and_the_rows_needed_are_told(tmp_path: Path) -> None:
    metric = told(tmp_path, shares(old=(200, 1_000), young=(205, 1_000)))[2]
    assert "Chance alone makes such a difference often enough: nothing is proven (p = 0.78)." in metric
    assert "So many rows show a difference of 5.04 points or more four times out of five." in metric
    assert "To show one as small as this, each arm needs 101,502 rows." in metric


def test_one_of_many_comparisons_is_told_as_one_of_many(tmp_path: Path) -> None:
    arms = {f"b{k}": (200, 1_000) for k in range(4)} | {"a": (200, 1_000), "c": (240, 1_000)}
    metric = told(tmp_path, shares(**arms))[2]
    assert "Among 5 comparisons chance makes one like it (p = 0.031, corrected p = 0.15)." in metric


def test_of_many_arms_those_that_differ_are_told(tmp_path: Path) -> None:
    arms = {f"arm {k}": (20, 100) for k in range(50)} | {"arm 7": (70, 100)}
    metric = told(tmp_path, shares(**arms))[2]
    assert metric.startswith(
        "m: 49 arms beside “arm 0”; differing by more than chance makes: 1. m is 50.00 points higher"
    )


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    rows = ["A,1", "B,2", ",3", "A,tea", "B,", "A,4", "B,5", "A,1,1", "B,6"]
    arms, _sizes, metric = told(tmp_path, rows)
    assert arms.endswith("1 row names no arm and is left out. 1 row cannot be read and is left out.")
    assert metric.startswith("m is blank in 1 row, which is left out. m holds text such as “tea” in 1 row, which is")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    "rows",
    [
        ["A,1", "B,0"],
        ["A,2.5", "B,0"],
        ["A,5", "B,5", "A,5", "B,5"],
        [f"{'AB'[k % 2]},{(-1) ** k}e149" for k in range(80)],
        [f"{'AB'[k % 2]},{k}e-149" for k in range(80)],
        [f"{'AB'[k % 2]},no" for k in range(80)],
        ["A,1", "A,2", "B,"],
    ],
)
def test_odd_figures_make_plain_sentences(tmp_path: Path, rows: list[str], language: str) -> None:
    text = " ".join(told(tmp_path, rows, language=language))
    assert not any(word in text.lower() for word in (" nan", "inf ", "infinity", "%("))
    assert len(text) < 900


def test_a_covariate_that_differs_itself_is_doubted(tmp_path: Path) -> None:
    rows = [f"{'AB'[k % 2]},{k * 7 % 13 + k % 5},{k * 7 % 13 + k % 2 * 9}" for k in range(200)]
    metric = told(tmp_path, rows, head="arm,m,before", covariate="before")[2]
    assert "With before taken into account it is" in metric
    assert "But before itself differs between the arms (p < 0.0001): was it known before they began?" in metric

"""Probable duplicates as they come from a file: in Chinese, in any order, between two files."""

import random
from pathlib import Path

import pytest

from guanxi.identity.duplicates.evaluating import Evaluation, evaluate
from guanxi.identity.duplicates.reading import Columns

HEAD = "编号,姓名,生日,手机,地址,城市\n"
PEOPLE = [
    "1,林婉清,1990-03-07,138 1234 5678,文三路 12 号,杭州",
    "1,林婉晴,1990-03-07,13812345678,文三路12号,杭州",  # another sign of the same sound
    "2,欧阳静姝,1985-11-02,13900000021,中山路 8 号,南京",
    "2,OUYANG Jingshu,1985-02-11,13900000021,中山路 8 号,南京",  # in letters, day and month swapped
    "3,王伟,1979-06-15,13700000031,解放路 1 号,上海",
    "4,王伟,1993-12-30,13600000041,人民路 77 号,成都",  # another of a common name
    "5,陈晨,2001-01-20,13500000051,学院路 5 号,北京",
    "6,赵敏,1988-08-08,13400000061,滨江道 9 号,天津",
]
COLUMNS = Columns(
    fields={
        "full_name": ("姓名",), "birthday": ("生日",), "phone": ("手机",), "street": ("地址",), "city": ("城市",),
    },
    layout={},
)  # fmt: skip


def found(folder: Path, *files: list[str]) -> Evaluation:
    paths = [folder / f"{number}.csv" for number in range(len(files))]
    for path, lines in zip(paths, files, strict=True):
        path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return evaluate(paths, COLUMNS, truth="cluster:编号")


@pytest.mark.parametrize("seed", [0, 1])
def test_chinese_people_told_twice_are_found_in_any_order_and_namesakes_are_not(tmp_path: Path, seed: int) -> None:
    lines = random.Random(seed).sample(PEOPLE, len(PEOPLE))
    told = found(tmp_path, lines)
    assert (told.pairs, told.true_pairs, told.f1) == (2, 2, 1.0)


def test_between_two_files_only_who_is_in_both_is_found(tmp_path: Path) -> None:
    told = found(tmp_path, PEOPLE[:2] + PEOPLE[4:6], [PEOPLE[1], *PEOPLE[6:]])
    assert (told.pairs, told.true_pairs, told.f1) == (2, 2, 1.0)


def test_the_truth_is_never_compared(tmp_path: Path) -> None:
    strangers = ["7,林婉清,1990-03-07,13800000071,文三路 1 号,杭州", "7,赵敏,1971-10-21,13800000072,中山路 2 号,南京"]
    told = found(tmp_path, [*PEOPLE, *strangers])
    assert told.true_pairs == 3
    assert told.recall < 1

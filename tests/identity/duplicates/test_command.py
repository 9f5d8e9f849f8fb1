import json
import os
from pathlib import Path
from typing import Any

import pytest

from guanxi.identity.management.commands.duplicates import Command

DATA = Path(os.environ.get("GUANXI_DATA") or Path(__file__).parents[4] / "shared" / "data") / "record_linkage"
MAP = 'given_name = "first"\nsurname = "last"\nbirthday = "born"\n'
FEBRL = """given_name = "given_name"
surname = "surname"
birthday = "date_of_birth"
street = "address_1"
city = "suburb"
postcode = "postcode"
province = "state"
"""
PEOPLE = "who,first,last,born\na,Ada,Byron,18151210\na,Ada,Byrom,18151210\nb,Bo,Ek,19990101\nc,Cy,Fox,20000202\n"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    Command().run_from_argv(["guanxi", "duplicates", "evaluate", *map(str, arguments), "--json"])
    told: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return told


def written(folder: Path, text: str = PEOPLE, mapping: str = MAP) -> tuple[Path, ...]:
    (folder / "people.csv").write_text(text, encoding="utf-8")
    (folder / "map.toml").write_text(mapping, encoding="utf-8")
    return folder / "people.csv", folder / "map.toml"


def test_duplicates_of_a_file_are_found_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, mapping = written(tmp_path)
    told = run(capsys, file, "--columns", mapping, "--truth", "cluster:who")
    assert told.pop("seconds") > 0
    assert told == {"pairs": 1, "true_pairs": 1, "precision": 1.0, "recall": 1.0, "f1": 1.0}


def test_of_two_files_only_pairs_across_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, mapping = written(tmp_path)
    other = tmp_path / "other.csv"
    other.write_text("first,last,born,who\nBo,Ek,19990101,b\nEve,Moon,19770707,e\n", encoding="utf-8")
    told = run(capsys, file, other, "--columns", mapping, "--truth", "cluster:who")
    assert (told["pairs"], told["true_pairs"], told["f1"]) == (1, 1, 1.0)


@pytest.mark.parametrize(
    ("text", "mapping", "truth", "said"),
    [
        ("", MAP, "cluster:who", "empty"),
        ("who,first,last,born\n", MAP, "cluster:who", "no rows below"),
        ("who,first,last,born\na,Ada,Byron,1815\n", MAP, "cluster:who", "at least two"),
        (PEOPLE, MAP, "cluster:nobody", "no column nobody"),
        (PEOPLE, MAP, "febrl", "rec-7-org"),
        (PEOPLE, 'surname = "family"', "cluster:who", "no column family"),
        (PEOPLE, 'shoe = "last"', "cluster:who", "shoe is no field"),
        (PEOPLE, "surname = 7", "cluster:who", "name of a column"),
        (PEOPLE, "surname = ", "cluster:who", "cannot be read"),
        (PEOPLE, "", "cluster:who", "names no field"),
        (PEOPLE, MAP + "[file]\nshape = 3", "cluster:who", "not understood"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(
    text: str, mapping: str, truth: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, columns = written(tmp_path, text, mapping)
    with pytest.raises(SystemExit) as leave:
        run(capsys, file, "--columns", columns, "--truth", truth)
    assert leave.value.code == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("more", [["--truth", "guess"], ["--truth", "cluster:who", "--without", "shoe"], []])
def test_wrong_usage_ends_with_two(more: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, columns = written(tmp_path)
    with pytest.raises(SystemExit) as leave:
        run(capsys, file, "--columns", columns, *more)
    assert leave.value.code == 2


@pytest.mark.realdata
def test_the_first_file_of_febrl_is_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "map.toml").write_text(FEBRL, encoding="utf-8")
    asked = ("--columns", tmp_path / "map.toml", "--truth", "febrl", "--without", "soc_sec_id")
    told = run(capsys, DATA / "febrl_dataset1.csv", *asked)
    assert told["true_pairs"] == 500
    assert told["f1"] >= 0.99

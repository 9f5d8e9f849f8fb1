"""The command that reads an experiment's file: figures, sentences, and how it ends."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from guanxi.insight.management.commands.insight import Command

ROWS = "arm,bought,spent\n" + "".join(f"{'AB'[k % 2]},{int(k % 5 == 0)},{k % 37}.5\n" for k in range(400))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "trial.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def ends(*words: object) -> object:
    """Run it as a program and give how it ends."""
    try:
        Command().run_from_argv(["guanxi", "insight", "experiment", *map(str, words)])
    except SystemExit as leaving:
        return leaving.code
    return 0


def test_the_last_line_is_one_object_with_the_figures_of_every_arm_and_metric(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("insight", "experiment", str(file), "--arm", "arm", "--metric", "bought", "spent", "--json")
    told = json.loads(capsys.readouterr().out.splitlines()[-1], parse_constant=pytest.fail)
    assert told["sample_ratio"]["p"] == 1
    assert [metric["metric"] for metric in told["metrics"]] == ["bought", "spent"]
    for metric in told["metrics"]:
        assert [arm["n"] for arm in metric["arms"]] == [200, 200]
        assert {"mean", "difference", "interval", "p", "p_holm", "always"} <= set(metric["arms"][1])
    assert set(told["sentences"]) == {"en", "zh"}


def test_without_json_both_languages_are_told_or_the_one_asked_for(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("insight", "experiment", str(file), "--arm", "arm", "--metric", "bought", "--metric", "spent")
    both = capsys.readouterr().out
    assert "Rows in each arm: “A” 200; “B” 200." in both
    assert "各方案的行数：“A” 200；“B” 200。" in both
    call_command("insight", "experiment", str(file), "--arm", "arm", "--metric", "bought", "--language", "zh")
    assert "Rows" not in capsys.readouterr().out


def test_it_ends_with_nought_one_or_two_and_a_sentence(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(file, "--arm", "arm", "--metric", "bought", "--weights", "A=1", "B=3", "--json") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["sample_ratio"]["mismatch"]
    assert ends(file, "--arm", "arm", "--metric", "sold", "--json") == 1
    said = capsys.readouterr()
    assert (said.out, said.err.strip()) == ("", "There is no column sold. There are: arm, bought, spent.")
    assert ends(file, "--arm", "arm") == 2

import json
from typing import Any

import pytest
from django.core.management.base import CommandParser
from django.db import OperationalError

from guanxi.__main__ import overview
from guanxi.core import commands
from guanxi.core.errors import BadInput


class Weigh(commands.Command):
    needs_book = False

    def add_arguments(self, parser: CommandParser) -> None:
        parcels = self.subcommand(parser, "parcels", self.parcels, help="weigh parcels")
        parcels.add_argument("grams", type=int, nargs="+")
        self.subcommand(parser, "scales", self.scales, help="look at the scales")

    def parcels(self, *, grams: list[int], **_: Any) -> dict[str, int]:
        self.note("weighing")
        if min(grams) < 0:
            raise BadInput(f"A parcel cannot weigh {min(grams)} g. Weigh it again.")
        return {"parcels": len(grams), "grams": sum(grams)}

    def scales(self, **_: Any) -> None:
        raise OperationalError("disk\nI/O error")


def run(*arguments: str) -> None:
    Weigh().run_from_argv(["guanxi", "weigh", *arguments])


def test_json_is_one_value_on_the_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    run("parcels", "5", "7", "--json")
    out, err = capsys.readouterr()
    assert json.loads(out.splitlines()[-1]) == {"parcels": 2, "grams": 12}
    assert "weighing" in err


def test_without_json_a_person_reads_lines(capsys: pytest.CaptureFixture[str]) -> None:
    run("parcels", "5")
    assert capsys.readouterr().out.split() == ["parcels", "1", "grams", "5"]


def test_an_error_is_one_sentence_and_status_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leave:
        run("parcels", "--", "-3")
    assert leave.value.code == 1
    assert capsys.readouterr().err.splitlines()[-1] == "A parcel cannot weigh -3 g. Weigh it again."


def test_a_book_that_fails_is_one_sentence_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leave:
        run("scales")
    assert leave.value.code == 1
    assert "disk I/O error" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["parcels"], ["parcels", "heavy"], ["horses"], ["parcels", "1", "--fast"]])
def test_wrong_usage_is_status_two(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as leave:
        run(*arguments)
    assert leave.value.code == 2


def test_the_overview_lists_our_commands_with_a_line_each() -> None:
    lines = dict(line.split(None, 1) for line in overview().splitlines() if line.startswith("  "))
    assert {"doctor", "up", "web", "worker"} <= lines.keys()
    assert all(line.endswith(".") for line in lines.values())

"""Marts are computed in the order in which they read each other; one that fails stops only those that read it."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from guanxi.core.jobs.run import Stopped
from guanxi.warehouse import checks, engines, marts, registry, runs
from guanxi.warehouse.engines import BadEngine
from guanxi.warehouse.headers import MartBroken
from guanxi.warehouse.marts import Given, Mart, NoSuchMart
from guanxi.warehouse.models import RUNS_KEPT, MartRun
from guanxi.warehouse.reading import snapshot
from guanxi.warehouse.sync import sync
from tests.warehouse.toy import Person, sell

pytestmark = pytest.mark.usefixtures("shop")
Write = Callable[..., Mart]


@pytest.fixture
def write(tmp_path: Path, shop: Path) -> Write:
    """Declare a mart of one column by its query."""

    def written(name: str, query: str, *, parameters: str = "", given: Given | None = None) -> Mart:
        lines = [f"-- {name}: a test.", "-- grain one row", "-- columns n bigint", "-- source own", query]
        lines[2:2] = [f"-- parameters {parameters}"] if parameters else []
        (tmp_path / f"{name}.sql").write_text("\n".join(lines))
        mart = Mart(name, tmp_path / f"{name}.sql", given)
        registry.register(mart)
        return mart

    return written


@pytest.fixture
def chain(write: Write) -> None:
    """Top reads middle reads bottom, and beside them one that reads none of these."""
    write("top", "select cast(sum(n) as bigint) as n from middle")
    write("middle", "with doubled as (select 2 * n as n from bottom) select cast(n as bigint) as n from doubled")
    write("bottom", "select cast(count(*) as bigint) as n from sales")
    write("beside", "select cast(count(*) as bigint) as n from people")
    sell("N1", person=Person.objects.create(customer_id=7).pk)
    sync()


def states(outcomes: list[runs.Outcome]) -> dict[str, str]:
    return {outcome.mart: str(outcome.state) for outcome in outcomes}


def value(mart: str) -> Any:
    with snapshot() as now:
        return now.sql(f"select n from {mart}").to_pylist()[0]["n"]


def told(*words: str, **options: object) -> tuple[Any, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("marts", *words, json=True, stdout=out, stderr=err, **options)
    return json.loads(out.getvalue().strip().splitlines()[-1]), err.getvalue()


@pytest.mark.usefixtures("chain")
def test_each_comes_after_those_it_reads() -> None:
    assert runs.ordered().index("bottom") < runs.ordered().index("middle") < runs.ordered().index("top")
    assert runs.ordered(["middle"]) == ["bottom", "middle"]
    assert states(runs.run()) == dict.fromkeys(["bottom", "middle", "top", "beside"], "done")
    assert value("top") == 2
    assert registry.marts()["middle"].reads == {"bottom"}
    assert registry.marts()["bottom"].reads == {"sales", "people"}  # their customers are found through people


@pytest.mark.usefixtures("chain")
def test_what_would_be_the_same_again_is_left_as_it_is() -> None:
    runs.run()
    assert set(states(runs.run()).values()) == {runs.UNCHANGED}
    sell("N2")
    sync()
    assert states(runs.run()) == {"bottom": "done", "middle": "done", "top": "done", "beside": "unchanged"}
    assert value("top") == 4
    assert states(runs.run(["beside"], anew=True)) == {"beside": "done"}


def test_other_parameters_or_another_text_are_computed_again(write: Write) -> None:
    day = ["2024-01-01"]
    given = Given({"as_of"}, lambda: {"as_of": day[0]})
    mart = write(
        "since", "select cast(year(cast($as_of as date)) as bigint) as n", parameters="as_of varchar", given=given
    )
    assert states(runs.run()) == {"since": "done"}
    assert states(runs.run()) == {"since": "unchanged"}
    day[0] = "2025-01-01"
    assert states(runs.run()) == {"since": "done"}
    assert value("since") == 2025
    mart.sql_path.write_text(mart.sql.replace("as bigint) as n", "as bigint) + 1 as n"))
    registry.register(Mart("since", mart.sql_path, given))
    assert states(runs.run()) == {"since": "done"}
    assert value("since") == 2026


@pytest.mark.usefixtures("chain")
def test_a_failure_names_its_step_and_stops_only_those_that_read_it(write: Write) -> None:
    runs.run()
    broken = "with doubled as (select cast('x' || n as bigint) as n from bottom) select n from doubled"
    write("middle", broken)
    outcomes = {outcome.mart: outcome for outcome in runs.run(anew=True)}
    assert states(list(outcomes.values())) == {
        "bottom": "done",
        "middle": "failed",
        "top": "left_out",
        "beside": "done",
    }
    assert outcomes["middle"].step == "doubled"
    assert outcomes["middle"].problem.startswith("The step doubled failed: Conversion Error")
    assert outcomes["top"].problem == "It reads middle, which failed."
    assert value("top") == value("middle") == 2  # the old rows stay
    last = MartRun.objects.newest()
    assert (last["middle"].state, last["middle"].step) == ("failed", "doubled")
    assert last["top"].state == "left_out"
    assert last["beside"].rows == 1


@pytest.mark.usefixtures("chain")
def test_a_mart_that_failed_is_tried_again(write: Write) -> None:
    write("bottom", "select cast('x' as bigint) as n from sales")
    assert states(runs.run(["middle"])) == {"bottom": "failed", "middle": "left_out"}
    write("bottom", "select cast(count(*) as bigint) as n from sales")
    assert states(runs.run(["middle"])) == {"bottom": "done", "middle": "done"}


def test_marts_in_a_circle_are_found_at_the_start(write: Write) -> None:
    write("hen", "select n from egg")
    write("egg", "select n from hen")
    with pytest.raises(MartBroken, match=r"read each other in a circle: (hen → egg → hen|egg → hen → egg)"):
        runs.ordered()
    assert any("in a circle" in problem for problem in checks.problems())


def test_a_parameter_of_which_nothing_says_how_it_is_given_is_found_at_the_start(write: Write) -> None:
    mart = write("since", "select cast($days as bigint) as n", parameters="days integer")
    (problem,) = checks.problems()
    assert problem.startswith("Mart since: nothing says how days is given when it is computed by itself. Declare it in")
    with pytest.raises(MartBroken, match="nothing says how days is given"):
        mart.values()
    assert states(runs.run()) == {"since": "failed"}


@pytest.mark.usefixtures("chain")
def test_work_can_be_stopped_between_marts_and_says_how_far_it_is() -> None:
    seen: list[tuple[int, int, str]] = []

    def check() -> None:
        if len(seen) == 2:
            raise Stopped("enough")

    with pytest.raises(Stopped):
        runs.run(seen=lambda done, total, _last, following: seen.append((done, total, following)), check=check)
    assert [done for done, _total, _name in seen] == [0, 1]
    assert MartRun.objects.count() == 1


def test_of_each_mart_the_last_runs_are_kept(write: Write) -> None:
    mart = write("bottom", "select cast(count(*) as bigint) as n from sales")
    for nth in range(RUNS_KEPT + 3):
        MartRun.objects.keep(mart="bottom", state="failed", engine="duckdb", problem=str(nth))
    marts.run(mart)
    assert MartRun.objects.count() == RUNS_KEPT
    assert MartRun.objects.newest()["bottom"].state == "done"


@pytest.mark.usefixtures("chain")
def test_the_command_says_rows_and_seconds_of_each_mart() -> None:
    result, progress = told("run")
    assert set(result) == {"bottom", "middle", "top", "beside"}
    assert result["top"]["rows"] == 1
    assert result["top"]["seconds"] > 0
    assert result["top"]["state"] == "done"
    assert "1 of 4: " in progress
    again, _progress = told("run", "beside")
    assert again == {"beside": {"rows": 1, "seconds": 0.0, "state": "unchanged", "engine": "duckdb"}}
    assert [mart["mart"] for mart in told("list")[0]] == runs.ordered()
    assert told("list")[0][-1]["state"] == "done"


def test_the_command_brings_the_lake_up_to_date_first(chain: None) -> None:
    sell("N2")
    told("run")
    assert value("bottom") == 2


def run_as_program(*words: str) -> tuple[int, str, str]:
    from django.core.management.base import CommandError

    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("marts", *words, stdout=out, stderr=err)
    except CommandError as error:
        return 1, out.getvalue(), str(error)
    return 0, out.getvalue(), err.getvalue()


@pytest.mark.usefixtures("chain")
def test_a_failure_ends_the_command_with_one_sentence_after_the_figures(write: Write) -> None:
    write("bottom", "select cast('x' as bigint) as n from sales")
    code, out, sentence = run_as_program("run", "--json")
    assert code == 1
    assert json.loads(out.splitlines()[-1])["beside"]["state"] == "done"
    assert sentence.startswith("3 of 4 marts failed. bottom: It failed: Conversion Error")
    assert sentence.endswith("2 more could not be computed either.")


@pytest.mark.usefixtures("chain")
def test_unknown_marts_and_engines_are_named() -> None:
    with pytest.raises(NoSuchMart, match=r"There is no mart nothing. There are: beside, bottom, middle, top."):
        told("run", "nothing")
    for engine in ("spark", "sc://", "sc://host:99999", "http://localhost:15002", "sc://host:x"):
        with pytest.raises(BadEngine, match="Use duckdb, or sc://host:port"):
            told("run", engine=engine)
    assert MartRun.objects.count() == 0


def test_the_engine_is_a_setting(settings: Any, chain: None) -> None:
    settings.LAKE_ENGINE = "sc://nobody.example:1"
    assert engines.chosen() == "sc://nobody.example:1"
    assert engines.chosen("duckdb") == "duckdb"
    settings.LAKE_ENGINE = ""
    assert engines.chosen() == "duckdb"

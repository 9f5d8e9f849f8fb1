"""Notebooks for programs."""

from pathlib import Path

import pytest
from django.utils import timezone

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.accounts.roles import Role
from guanxi.core.jobs.worker import Worker
from guanxi.customers.models import Customer
from guanxi.insight.notebook import asking
from guanxi.insight.notebook.models import Question
from guanxi.orders.models import Store
from guanxi.warehouse.sync import sync
from tests.api import keyed, problem
from tests.cast import TODAY, buy, hired
from tests.insight.notebook.books import COUNT, a_notebook
from tests.insight.notebook.conftest import jobs

pytestmark = pytest.mark.usefixtures("orders")
RUNS = ("insight:read", "insight:query")


def test_a_program_reads_a_notebook_and_what_its_cells_come_to(analyst: Staff) -> None:
    book = a_notebook(COUNT, by=analyst)
    program = keyed(analyst, *RUNS)
    (listed,) = program.get("/insight/notebooks")["data"]
    assert (listed["title"], listed["changed_by"]) == ("What sells", "Ann")
    place = f"/insight/notebooks/{listed['id']}"
    assert program.get(place)["cells"] == [{"number": 1, "kind": "sql", "text": COUNT, "chart": ""}]
    assert book.public_id == listed["id"]
    first = program.get(f"{place}/cells/1")
    assert (first["state"], first["data"]) == ("waiting", [])
    assert program.get(f"{place}/cells/1")["state"] == "waiting"
    assert jobs() == 1, "asking again meanwhile asks nothing more"
    Worker().drain()
    told = program.get(f"{place}/cells/1")
    assert (told["state"], told["rows"], told["data"]) == ("done", 1, [["own", 9]])
    assert told["columns"] == [{"name": "channel", "type": "varchar"}, {"name": "orders", "type": "bigint"}]
    assert b"own,9" in b"".join(program.call("GET", f"{place}/cells/1.csv").streaming_content)  # type: ignore[attr-defined]
    assert Question.objects.count() == 1


def test_rows_come_page_by_page_and_whole_numbers_exactly(analyst: Staff) -> None:
    book = a_notebook("select range + 9007199254740990 as n from range(5)", by=analyst)
    program = keyed(analyst, *RUNS)
    place = f"/insight/notebooks/{book.public_id}/cells/1"
    program.get(place)
    Worker().drain()
    first = program.get(f"{place}?limit=3")
    assert (first["data"], first["next"]) == ([[2**53 - 2], [2**53 - 1], [2**53]], 3)
    rest = program.get(f"{place}?limit=3&offset=3")
    assert (rest["data"], rest["next"]) == ([[str(2**53 + 1)], [str(2**53 + 2)]], None)


def test_what_is_wrong_is_said_and_not_asked_again(analyst: Staff) -> None:
    book = a_notebook("select chanel from orders", "select * from read_csv('/etc/passwd')", by=analyst)
    program = keyed(analyst, *RUNS)
    place = f"/insight/notebooks/{book.public_id}/cells"
    program.get(f"{place}/1")
    Worker().drain()
    for _turn in range(2):
        told = program.get(f"{place}/1")
        assert told["state"] == "failed"
        assert "There is no column “chanel”" in told["problem"]
    assert Question.objects.count() == 1
    assert "is not a table of the lake" in problem(program.call("GET", f"{place}/2"), 422)["fields"]["number"]
    assert program.call("GET", f"{place}/1.csv").status_code == 404
    for strange in ("0", "77", "x", "9" * 40):
        assert program.call("GET", f"{place}/{strange}").status_code in {404, 422}


@pytest.mark.parametrize(
    ("role", "scopes"), [(Role.ANALYST, ["insight:read"]), (Role.MARKETER, [*RUNS]), (Role.MARKETER, ["insight:read"])]
)  # fmt: skip
def test_a_program_that_may_not_ask_is_given_what_is_there_and_runs_nothing(
    role: Role, scopes: list[str], analyst: Staff, loyal: Customer, tea_house: Store
) -> None:
    book = a_notebook("select count(*) as n from orders", by=analyst)
    program = keyed(hired("may", "May", role), *scopes)
    place = f"/insight/notebooks/{book.public_id}/cells/1"
    assert "insight:query" in problem(program.call("GET", place), 403)["detail"]
    assert program.call("GET", f"{place}.csv").status_code == 404
    assert (Question.objects.count(), jobs()) == (0, 0)
    asking.ask(book.parts[0].text, by=analyst, on=book)
    assert program.get(place)["state"] == "waiting", "somebody else asked"
    Worker().drain()
    told = program.get(place)
    assert (told["state"], told["stale"], told["data"]) == ("done", False, [[9]])
    buy(loyal, tea_house, on=TODAY, goods_minor=100)
    sync()
    told = program.get(place)
    assert (told["state"], told["stale"], told["data"]) == ("done", True, [[9]])
    assert b"9" in b"".join(program.call("GET", f"{place}.csv").streaming_content)  # type: ignore[attr-defined]
    assert (Question.objects.count(), jobs()) == (1, 0)
    assert AuditEntry.objects.filter(act="sql.asked").count() == 1


def test_a_removed_notebook_is_not_found(analyst: Staff, home: Path) -> None:
    book = a_notebook(by=analyst)
    book.remove(by=analyst)
    program = keyed(analyst, "insight:read")
    assert program.get("/insight/notebooks")["data"] == []
    assert program.call("GET", f"/insight/notebooks/{book.public_id}").status_code == 404


def test_what_depends_on_the_day_is_answered_too_and_computed_anew_later(analyst: Staff) -> None:
    book = a_notebook("select count(*) as n from orders where placed_on < current_date", by=analyst)
    program = keyed(analyst, *RUNS)
    place = f"/insight/notebooks/{book.public_id}/cells/1"
    assert program.get(place)["state"] == "waiting"
    Worker().drain()
    for _turn in range(2):
        told = program.get(place)
        assert (told["state"], told["data"]) == ("done", [[9]])
    Question.objects.update(finished_at=timezone.now() - asking.RECENT)
    assert program.get(place)["state"] == "waiting"

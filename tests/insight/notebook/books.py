"""Notebooks for tests."""

import pyarrow as pa

from guanxi.accounts.models import Staff
from guanxi.insight.notebook import asking
from guanxi.insight.notebook.cells import Cell, Drawn
from guanxi.insight.notebook.models import Notebook, Question

COUNT = "select channel, count(*) as orders from orders group by channel order by channel"


def a_notebook(*sql: str, by: Staff, chart: Drawn | None = None, title: str = "What sells") -> Notebook:
    """One with a cell of SQL for each text."""
    cells = [Cell(nth, "sql", text, chart or Drawn()) for nth, text in enumerate(sql or (COUNT,), 1)]
    return Notebook.begin(title, cells, by=by)


def an_answered_notebook(*, by: Staff) -> Notebook:
    """One whose cell was run: it came to the number 1."""
    made = a_notebook("select 1 as n", by=by)
    keys = {"text_key": asking.text_key("select 1 as n"), "state_key": asking.state_key("select 1 as n")}
    question = Question.objects.create(sql="select 1 as n", by=by, state=Question.State.DONE, rows=1, **keys)
    question.place.parent.mkdir(parents=True, exist_ok=True)
    rows = pa.table({"n": [1]})
    with pa.ipc.new_file(str(question.place), rows.schema) as out:
        out.write_table(rows)
    return made

"""Notebooks for tests."""

from guanxi.accounts.models import Staff
from guanxi.insight.notebook.cells import Cell, Drawn
from guanxi.insight.notebook.models import Notebook

COUNT = "select channel, count(*) as orders from orders group by channel order by channel"


def a_notebook(*sql: str, by: Staff, chart: Drawn | None = None, title: str = "What sells") -> Notebook:
    """One with a cell of SQL for each text."""
    cells = [Cell(nth, "sql", text, chart or Drawn()) for nth, text in enumerate(sql or (COUNT,), 1)]
    return Notebook.begin(title, cells, by=by)

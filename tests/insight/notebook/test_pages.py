"""The pages of notebooks and of marts: what is kept, what comes back, who may, and how often the book is asked."""

import re
from collections.abc import Callable

import pyarrow as pa
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.accounts.roles import Role
from guanxi.insight.notebook import sources
from guanxi.insight.notebook.cells import Cell, Drawn
from guanxi.insight.notebook.examples import EXAMPLES
from guanxi.insight.notebook.models import MOST_NOTEBOOKS, VERSIONS_KEPT, Notebook, TooManyNotebooks
from guanxi.warehouse import parts, runs
from guanxi.warehouse.registry import tables
from tests.cast import hired
from tests.insight.notebook.books import COUNT, a_notebook
from tests.insight.notebook.conftest import form, jobs

pytestmark = pytest.mark.usefixtures("home")
SHELF = "/insight/notebook/"


def read(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def test_a_notebook_is_written_run_and_found_on_the_shelf(desk: Client, orders: None, run: Callable[..., str]) -> None:
    assert "Questions to begin with" in read(desk, SHELF)
    made = desk.post(SHELF + "new/", {"title": "", "cell": "1", "kind-1": "sql", "text-1": COUNT, "do": "run-1"})
    book = Notebook.objects.get()
    assert (made.status_code, made.url) == (302, f"{SHELF}{book.pk}/#cell-1")
    assert (book.title, book.version, book.parts) == ("Untitled", 1, [Cell(1, "sql", COUNT)])
    shown = run(book)
    assert "channel" in shown
    assert ">9<" in shown
    assert "Untitled" in read(desk, SHELF)
    assert [each.act for each in AuditEntry.objects.filter(subject=f"notebook:{book.pk}").order_by("pk")] == [
        "notebook.saved", "sql.asked", "sql.asked",
    ]  # fmt: skip


@pytest.mark.parametrize("key", EXAMPLES)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_example_runs_and_draws_as_it_stands(
    key: str, language: str, desk: Client, analyst: Staff, orders: None, today: object, run: Callable[..., str]
) -> None:
    analyst.language = language
    analyst.save()
    runs.run()
    page = read(desk, f"{SHELF}new/?example={key}")
    assert escape(EXAMPLES[key].sql) in desk.get(f"{SHELF}new/?example={key}").content.decode()
    assert "gx-sql" in page
    book = Notebook.begin("Example", EXAMPLES[key].cells, by=analyst)
    shown = run(book, 2)
    assert "gx-errors" not in shown, shown
    assert ("data-gx-chart" in shown) == (bool(EXAMPLES[key].chart.kind) and "<tbody>" in shown), shown


def test_a_reader_sees_answers_and_writes_nothing(
    reader: Client, analyst: Staff, orders: None, run: Callable[..., str]
) -> None:
    book = a_notebook(COUNT, by=analyst, chart=Drawn("bars"))
    run(book)
    page = read(reader, f"{SHELF}{book.pk}/")
    assert "<textarea" not in page
    assert "SQL is written and run by analysts and owners" in page
    assert "data-gx-chart" in read(reader, f"{SHELF}{book.pk}/cells/1/")
    for address in ("new/", f"{book.pk}/", f"{book.pk}/copies/", f"{book.pk}/removal/", f"{book.pk}/cells/1/stop/"):
        assert reader.post(SHELF + address, form(book, do="run-1")).status_code == 403
    assert jobs() == 0
    assert read(Client(headers={"Accept-Language": "en"}), SHELF, 302) == ""
    agent = Client()
    agent.force_login(hired("bo", "Bo", Role.AGENT))
    assert agent.get(SHELF).status_code == 403


def test_whoever_sees_no_costs_sees_no_answers(
    reader: Client, analyst: Staff, orders: None, run: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    book = a_notebook("select 4711 as cost_minor", by=analyst)
    run(book)
    may = Staff.may
    monkeypatch.setattr(Staff, "may", lambda self, name: name != "catalog.cost.see" and may(self, name))
    shown = read(reader, f"{SHELF}{book.pk}/cells/1/")
    assert "4,711" not in shown
    assert "purchase costs" in shown
    assert reader.get(f"{SHELF}{book.pk}/cells/1/file.csv").status_code == 404


def test_every_change_is_a_version_and_an_earlier_one_comes_back(desk: Client, analyst: Staff) -> None:
    book = a_notebook("select 1", by=analyst)
    desk.post(f"{SHELF}{book.pk}/", form(book, **{"text-1": "select 2"}))
    desk.post(f"{SHELF}{book.pk}/", form(book, **{"text-1": "select 3"}), follow=True)  # made from version 1
    book.refresh_from_db()
    assert (book.version, book.parts[0].text) == (2, "select 2")
    assert "Put version 1 back" in read(desk, f"{SHELF}{book.pk}/versions/")
    desk.post(f"{SHELF}{book.pk}/versions/1/")
    book.refresh_from_db()
    assert (book.version, book.parts[0].text) == (3, "select 1")
    assert desk.post(f"{SHELF}{book.pk}/versions/99/").status_code == 404
    for nth in range(VERSIONS_KEPT + 5):
        book.save_as("Much", [Cell(1, "sql", str(nth))], by=analyst, over=book.version)
    assert book.versions.count() == VERSIONS_KEPT


def test_what_two_wrote_at_once_is_not_lost(desk: Client, analyst: Staff, owner: Staff) -> None:
    book = a_notebook("select 1", by=analyst)
    stale = form(book, **{"text-1": "select 'mine'"})
    book.save_as("Theirs", [Cell(1, "sql", "select 'theirs'")], by=owner, over=1)
    answer = desk.post(f"{SHELF}{book.pk}/", stale)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "苏梅 saved another version meanwhile" in text
    assert "select &#x27;mine&#x27;" in text


def test_a_removed_notebook_comes_back_and_a_copy_is_another(desk: Client, analyst: Staff) -> None:
    book = a_notebook(by=analyst)
    desk.post(f"{SHELF}{book.pk}/copies/")
    assert [each.title for each in Notebook.objects.shown()] == ["Copy of What sells", "What sells"]
    desk.post(f"{SHELF}{book.pk}/removal/")
    assert desk.get(f"{SHELF}{book.pk}/").status_code == 404
    assert "Bring back" in read(desk, SHELF)
    desk.post(f"{SHELF}{book.pk}/return/")
    assert "What sells" in read(desk, f"{SHELF}{book.pk}/")


def test_cells_are_added_moved_and_taken_by_buttons(desk: Client, analyst: Staff) -> None:
    book = a_notebook("select 1", "select 2", by=analyst)
    for verb in ("add-text", "up-3", "remove-1", "add-moon", "up-", "run-77", "run-x"):
        book.refresh_from_db()
        assert desk.post(f"{SHELF}{book.pk}/", form(book, do=verb)).status_code == 302
    book.refresh_from_db()
    assert [(each.number, each.kind) for each in book.parts] == [(3, "text"), (2, "sql")]


def test_what_cannot_be_kept_stays_in_its_field(desk: Client, analyst: Staff) -> None:
    book = a_notebook("select 1", by=analyst)
    answer = desk.post(f"{SHELF}{book.pk}/", form(book, title=" ", **{"text-1": "x" * 1_000_000}))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Give the notebook a name." in text
    assert "Cell 1 has 1000000 characters; at most 20000 fit" in text
    book.refresh_from_db()
    assert book.version == 1


def test_no_more_notebooks_than_a_shelf_holds(analyst: Staff) -> None:
    Notebook.objects.bulk_create(Notebook(title="x", changed_by=analyst) for _nth in range(MOST_NOTEBOOKS))
    with pytest.raises(TooManyNotebooks, match="There are 200 notebooks already"):
        a_notebook(by=analyst)


def asked(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_how_often_the_book_is_asked_does_not_grow(
    desk: Client, analyst: Staff, orders: None, run: Callable[..., str]
) -> None:
    book = a_notebook(COUNT, by=analyst)
    run(book)
    few = [asked(desk, address) for address in (SHELF, f"{SHELF}{book.pk}/", f"{SHELF}{book.pk}/versions/")]
    wide = a_notebook(*[COUNT] * 16, by=analyst)
    for nth in range(30):
        a_notebook(by=analyst, title=f"Book {nth}")
        wide.save_as(f"Wide {nth}", wide.parts, by=analyst, over=wide.version)
    many = [asked(desk, address) for address in (SHELF, f"{SHELF}{wide.pk}/", f"{SHELF}{wide.pk}/versions/")]
    assert many == few
    assert max(few) <= 12
    assert asked(desk, f"{SHELF}{book.pk}/cells/1/") <= 12
    assert asked(desk, SHELF + "shelf/") <= 8


def test_pages_and_panels_stay_light(desk: Client, analyst: Staff) -> None:
    full = a_notebook(*["select 1 as one\nfrom orders\nwhere is_paid"] * 16, by=analyst)
    assert len(desk.get(f"{SHELF}{full.pk}/").content) < 60_000
    assert len(desk.get(SHELF + "shelf/").content) < 15_000
    for each in sources.sources():
        assert len(desk.get(f"{SHELF}shelf/{each.name}/").content) < 15_000
        if each.is_mart:
            assert len(desk.get(f"/insight/marts/{each.name}/").content) < 60_000
            assert len(desk.get(f"/insight/marts/{each.name}/glance/").content) < 15_000


def test_the_shelf_tells_of_tables_and_marts_with_units(desk: Client) -> None:
    shelf = read(desk, SHELF + "shelf/")
    assert "customer_rfm" in shelf
    assert "order_lines" in shelf
    told = read(desk, SHELF + "shelf/orders/")
    assert "minor units of `currency`" in told
    assert 'data-gx-insert="select order_id, order_number' in told
    assert desk.get(SHELF + "shelf/accounts_staff/").status_code == 404
    for each in sources.sources():
        assert each.sample in sources.source(each.name).sample  # type: ignore[union-attr]


def test_a_mart_shows_its_file_to_the_letter_and_what_reads_it(
    reader: Client, desk: Client, orders: None, today: object
) -> None:
    fresh = read(reader, "/insight/marts/repurchase_rates/")
    assert "Not computed yet" in fresh
    runs.run(["repurchase_rates"])
    page = reader.get("/insight/marts/repurchase_rates/").content.decode()
    mart = sources.named_marts()["repurchase_rates"]
    assert escape(mart.sql) in page
    for words in ("customer_firsts", "/insight/retention/", "Computed", "$groups", mart.header.grain):
        assert str(escape(words)) in page
    assert "Open in the notebook" not in page
    assert "/insight/notebook/new/?of=repurchase_rates" in read(desk, "/insight/marts/repurchase_rates/")
    assert "repurchase_rates" in read(reader, "/insight/marts/repurchase_rates/glance/")
    assert reader.get("/insight/marts/moon/").status_code == 404
    assert "a program computes it" in read(reader, "/insight/marts/customer_value/")


def test_a_mart_that_a_program_computes_says_when(reader: Client, orders: None, today: object) -> None:
    place = "/insight/marts/customer_recommendations/"
    assert "not computed yet" in read(reader, place)
    mart = sources.named_marts()["customer_recommendations"]
    parts.keep(mart, 1, pa.Table.from_pylist([dict.fromkeys(mart.schema.names)], mart.schema).to_batches())
    page = read(reader, place)
    assert "not computed yet" not in page
    assert "Its single runs are not kept" in page


def test_each_mart_and_table_says_in_chinese_what_a_row_is() -> None:
    told = [words for each in sources.named_marts().values()
            for words in (each.header.sentence, each.header.grain, each.header.source)]  # fmt: skip
    told += [each.grain for each in tables().values()]
    with translation.override("zh-hans"):
        assert [words for words in told if gettext(words) == words] == []


def test_each_column_and_parameter_of_each_mart_says_in_chinese_what_it_means() -> None:
    named = [each for mart in sources.named_marts().values() for each in (*mart.header.columns, *mart.parameters)]
    with translation.override("zh-hans"):
        told = sources.translated(named)
        kept = [each.words for each, said in zip(named, told, strict=True) if each.words and each.words == said.words]
    assert len(named) > 400
    assert kept == []
    assert [(each.name, each.type) for each in told] == [(each.name, each.type) for each in named]
    assert not any("用户" in each.words or "顾客" in each.words for each in told)


def test_a_mart_and_the_shelf_tell_their_columns_in_the_language_of_the_reader(desk: Client, analyst: Staff) -> None:
    english, chinese = "net sales in the window, base currency", "窗口内的净销售额，本位币"
    assert english in read(desk, "/insight/marts/customer_rfm/")
    analyst.language = "zh-hans"
    analyst.save()
    for place in ("/insight/marts/customer_rfm/", SHELF + "shelf/customer_rfm/"):
        page = read(desk, place)
        assert chinese in page
        assert f"<td>{english}" not in page
        assert '<td lang="en"' not in page
        assert '<dd lang="en"' not in page
    assert "四个都为空时按五分位" in read(desk, "/insight/marts/customer_rfm/glance/")


def test_marts_stand_below_notebooks_in_the_tree(reader: Client) -> None:
    page = read(reader, "/insight/marts/")
    assert re.search(r'href="/insight/notebook/"[^>]*aria-current="page"', page)


def test_a_notebook_opened_from_a_mart_begins_with_a_query_of_it(desk: Client) -> None:
    page = read(desk, SHELF + "new/?of=customer_rhythm")
    assert "from customer_rhythm" in page
    assert "<textarea" in read(desk, SHELF + "new/?of=accounts_staff&example=moon")

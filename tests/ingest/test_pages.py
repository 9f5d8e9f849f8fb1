"""The wizard as people walk it: from the file to the import, back, and with what can go wrong on the way."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.core.jobs.models import Job
from guanxi.core.jobs.models import State as JobState
from guanxi.core.jobs.worker import Worker
from guanxi.customers.models import Event
from guanxi.ingest import wizard
from guanxi.ingest.models import EventSource, Import, SavedPreset
from guanxi.orders.models import Order, Store
from guanxi.pages import shell
from tests.cast import hired
from tests.ingest.shop import HEADER, LINES

pytestmark = pytest.mark.django_db(transaction=True)

State = Import.State
BAD = "536399,85123A,WHITE HEART,six,2010-12-01 08:26:00,2.55,17850,United Kingdom"
SHOP = {"store": "", "store_name": "Gift shop", "store_channel": "own", "store_currency": "GBP", "store_zone": "UTC"}
OWN = "no,day,sum,who\nT-1,2026-11-01 10:00,12.50,lin\nT-2,2026-11-02 11:00,8.00,chen\n"


@pytest.fixture
def shop(client: Client, owner: Staff) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def bare_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell that asks for nothing, so that a page's own queries are counted."""
    for name in ("_shop", "_as_of"):
        monkeypatch.setattr(shell, name, None)


def csv(*lines: str, name: str = "orders.csv", header: str = HEADER) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join([header, *lines]).encode())


def upload(shop: Client, *files: SimpleUploadedFile, subject: str = "orders") -> Any:
    return shop.post(reverse("import-new"), {"subject": subject, "upload": list(files)})


def uploaded(shop: Client, *files: SimpleUploadedFile, subject: str = "orders") -> Import:
    answer = upload(shop, *(files or [csv(*LINES)]), subject=subject)
    batch = Import.objects.latest("pk")
    assert answer.url == page("import-columns", batch)
    return batch


def page(name: str, batch: Import) -> str:
    return reverse(name, args=[batch.pk])


def ask(shop: Client, name: str, batch: Import, data: dict[str, str] | None = None) -> Any:
    return shop.post(page(name, batch), data or {})


def text(shop: Client, batch: Import, name: str = "import", query: str = "") -> str:
    answer = shop.get(page(name, batch) + query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def settled(shop: Client, *files: SimpleUploadedFile) -> Import:
    batch = uploaded(shop, *files)
    assert ask(shop, "import-columns", batch, {"preset": "online-retail", **SHOP}).url == page("import", batch)
    return fresh(batch)


def checked(shop: Client, *files: SimpleUploadedFile) -> Import:
    batch = settled(shop, *files)
    Worker().drain()
    return fresh(batch)


def imported(shop: Client, *files: SimpleUploadedFile) -> Import:
    batch = checked(shop, *files)
    ask(shop, "import-run", batch)
    Worker().drain()
    return fresh(batch)


def fresh(batch: Import) -> Import:
    return Import.objects.get(pk=batch.pk)


def test_a_file_walks_through_the_four_steps_and_back(shop: Client) -> None:
    batch = settled(shop)
    assert batch.state == State.CHECKING
    assert "Reading the rows" in text(shop, batch)
    Worker().drain()
    tried = text(shop, batch)
    assert "7 of 7 rows would change your shop; all can be read." in tried
    assert "Import 5 orders" in tried
    assert "Nothing has been written yet." in tried
    assert not Order.objects.exists()
    ask(shop, "import-run", batch)
    assert fresh(batch).state == State.RUNNING
    Worker().drain()
    assert "Brought in 5 orders." in text(shop, batch)
    assert Store.objects.get().name == "Gift shop"
    ask(shop, "import-undo", batch)
    assert "Taking the import back" in text(shop, batch)
    Worker().drain()
    assert "Took back 5 orders; nothing of the import is left." in text(shop, batch)
    assert not Order.objects.exists()


def test_the_columns_found_are_shown_before_anything_is_read(shop: Client) -> None:
    seen = text(shop, uploaded(shop), "import-columns")
    for words in ("Online Retail invoices", "UTF-8", "commas", "7 rows", "InvoiceNo", "WHITE HEART"):
        assert words in seen


def test_the_way_back_to_the_list_names_the_import_by_its_files(shop: Client) -> None:
    batch = uploaded(shop, csv(*LINES[:2], name="november.csv"), csv(*LINES[2:], name="<december>.csv"))
    above = shop.get(page("import-columns", batch)).content.decode().split("<h1")[0]
    assert "Imports</a> / <span>november.csv, &lt;december&gt;.csv · <time" in above


def test_cells_of_a_file_cannot_write_the_page(shop: Client) -> None:
    hostile = '536365,<script>alert(1)</script>,"<img src=x>",6,2010-12-01 08:26:00,2.55,17850,UK'
    batch = checked(shop, csv(hostile, BAD.replace("six", "<b>six</b>"), name="<i>.csv"))
    for seen in (text(shop, batch), text(shop, batch, "import-columns")):
        assert "<script>alert" not in seen
        assert "<img src=x" not in seen
        assert "<b>six</b>" not in seen
        assert "<i>.csv" not in seen


def test_a_second_file_shows_what_changes_field_by_field(shop: Client) -> None:
    imported(shop)
    more = "536366,99999,NEW THING,1,2010-12-01 08:28:00,1.00,17850,United Kingdom"
    batch = checked(shop, csv(*LINES, more))
    seen = text(shop, batch)
    assert "1 order" in seen
    assert '<del class="gx-now">£11.10</del>' in seen
    assert '<ins class="gx-after">£12.10</ins>' in seen
    assert '<del class="gx-now">1 line</del>' in seen
    assert "Known by their customer number" in seen
    assert "536367" in text(shop, batch, query="?show=same")
    assert "Nothing in the file is new." in text(shop, batch, query="?show=new")


def test_the_same_file_again_offers_nothing_to_import(shop: Client) -> None:
    imported(shop)
    seen = text(shop, checked(shop))
    assert "All of it is in your shop already; nothing would change." in seen
    assert reverse("import-run", args=[Import.objects.latest("pk").pk]) in seen
    assert "Import 0 orders" not in seen


def test_rejected_rows_are_told_by_reason_and_given_back(shop: Client) -> None:
    batch = checked(shop, csv(LINES[0], BAD, BAD.replace("six", "=1+1")))
    seen = text(shop, batch)
    assert "2 rejected rows" in seen
    assert "Row 3, column Quantity: “six” is not a number. Write digits, such as 120.00." in seen
    answer = shop.get(page("import-rejected-csv", batch))
    rows = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert rows[0] == f"Row,Reason,{HEADER}"
    assert rows[1].startswith("3,")
    assert rows[1].endswith(",six,2010-12-01 08:26:00,2.55,17850,United Kingdom")
    assert ",'=1+1," in rows[2]
    book = b"".join(shop.get(page("import-rejected-xlsx", batch)).streaming_content)
    assert zipfile.ZipFile(io.BytesIO(book)).testzip() is None


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", b"0" * 30_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("orders.csv", lambda: b"", "orders.csv is empty."),
        ("orders.csv", HEADER.encode, "orders.csv has a header but no rows below it."),
        ("orders.csv", lambda: b"%PDF-1.7 ...", "orders.csv is a PDF document, not a table."),
        ("orders.xlsx", bomb, "orders.xlsx"),
        ("orders.csv.gz", lambda: b"\x1f\x8b\x08broken", "is damaged and cannot be unpacked"),
    ],
)
def test_what_is_no_table_is_said_and_the_form_stays(
    shop: Client, name: str, content: Callable[[], bytes], sentence: str
) -> None:
    answer = upload(shop, SimpleUploadedFile(name, content()), subject="customers")
    seen = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in seen
    assert 'value="customers"' in seen.split("checked")[0].rsplit("<input", 1)[1]
    assert not Import.objects.exists()


def test_no_file_at_all_is_asked_for(shop: Client) -> None:
    answer = upload(shop)
    assert (answer.status_code, "Choose a file first." in answer.content.decode()) == (422, True)


def test_too_much_is_refused_before_it_is_read(shop: Client, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 1024
    answer = shop.post(
        reverse("import-new"), data=b"x", content_type="multipart/form-data", CONTENT_LENGTH=str(3 * 1024**3)
    )
    assert answer.status_code == 413
    assert "This is 3072 MB; at most 0 MB are read at once." in answer.content.decode()


def test_an_upload_from_elsewhere_is_not_taken(owner: Staff) -> None:
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(owner)
    assert upload(stranger, csv(*LINES)).status_code == 403
    assert not Import.objects.exists()


def test_a_preset_that_does_not_fit_names_the_missing_column(shop: Client) -> None:
    batch = uploaded(shop)
    answer = ask(shop, "import-columns", batch, {"preset": "tmall-report", **SHOP})
    seen = answer.content.decode()
    assert answer.status_code == 422
    assert "is missing. The file has: InvoiceNo, StockCode" in seen
    assert 'value="Gift shop"' in seen
    assert fresh(batch).state == State.DRAFT


def test_a_table_nobody_knows_is_mapped_by_hand_and_saved(shop: Client) -> None:
    file = SimpleUploadedFile("own.csv", OWN.encode())
    batch = uploaded(shop, file)
    assert "Choose a column for each field" in text(shop, batch, "import-columns")
    chosen = {"column_order_number": "0", "column_placed_at": "1", "column_total": "2"}
    said = {"preset": "generic", **SHOP, **chosen, "column_customer_external_id": "3", "save_as": "My table"}
    ask(shop, "import-columns", batch, said)
    Worker().drain()
    assert "Import 2 orders" in text(shop, batch)
    assert SavedPreset.objects.get().name == "my-table"
    again = uploaded(shop, SimpleUploadedFile("next.csv", OWN.encode()))
    assert '<option value="my-table" selected>' in text(shop, again, "import-columns")
    ask(shop, "import-columns", again, {"preset": "my-table", **SHOP})
    Worker().drain()
    assert fresh(again).counts["orders_new"] == 2


def test_new_orders_of_several_currencies_are_added_up_each_for_itself(shop: Client) -> None:
    rows = "no,day,sum,who,money\n" + "".join(
        f"T-{nth},2026-11-0{nth} 10:00,{total},lin,{money}\n"
        for nth, (total, money) in enumerate([("12.50", "GBP"), ("8.00", "CNY"), ("2.00", "GBP"), ("900", "JPY")], 1)
    )
    batch = uploaded(shop, SimpleUploadedFile("own.csv", rows.encode()))
    places = ("order_number", "placed_at", "total", "customer_external_id", "currency")
    chosen = {f"column_{name}": str(place) for place, name in enumerate(places)}
    ask(shop, "import-columns", batch, {"preset": "generic", **SHOP, **chosen})
    Worker().drain()
    assert "£14.50 + JP¥900 + ¥8.00" in text(shop, batch)


def test_columns_of_a_preset_can_be_adjusted_and_keep_its_rules(shop: Client) -> None:
    batch = uploaded(shop)
    assert "The order" in text(shop, batch, "import-columns", "?preset=online-retail&adjust=1")
    places = {"order_number": 0, "sku": 1, "quantity": 3, "placed_at": 4, "unit_price": 5}
    said = {f"column_{name}": str(place) for name, place in places.items()}
    ask(shop, "import-columns", batch, {"preset": "online-retail", "adjust": "1", **SHOP, **said})
    Worker().drain()
    batch = fresh(batch)
    assert (batch.counts["refunds_new"], batch.counts["customers_new"]) == (1, 0)


def test_a_wrong_mapping_says_which_choice_is_wrong(shop: Client) -> None:
    batch = uploaded(shop, SimpleUploadedFile("own.csv", OWN.encode()))
    said = {"preset": "generic", **SHOP, "column_placed_at": "77", "store_currency": "XYZZ", "store_zone": "Mars"}
    answer = ask(shop, "import-columns", batch, said)
    seen = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose its column." in seen
    assert "There is no time zone of this name" in seen
    assert fresh(batch).state == State.DRAFT


def test_a_new_shop_needs_a_name(shop: Client) -> None:
    batch = uploaded(shop)
    answer = ask(shop, "import-columns", batch, {"preset": "online-retail", **SHOP, "store_name": ""})
    assert (answer.status_code, "A new shop needs this." in answer.content.decode()) == (422, True)


def test_a_file_without_a_header_can_be_read(shop: Client) -> None:
    batch = uploaded(shop, SimpleUploadedFile("bare.csv", "\n".join(OWN.splitlines()[1:]).encode()))
    seen = text(shop, batch, "import-columns")
    assert "The first row looks like data, not like names of columns." in seen
    assert "column_1" in text(shop, batch, "import-columns", "?header=0")
    chosen = {"column_order_number": "0", "column_placed_at": "1", "column_total": "2", "header": "0"}
    ask(shop, "import-columns", batch, {"preset": "generic", **SHOP, **chosen})
    Worker().drain()
    assert fresh(batch).counts["orders_new"] == 2


def test_personal_cells_are_masked_in_the_preview(shop: Client) -> None:
    content = "phone,full name,city\n18312342807,林晓雨,杭州\n"
    seen = text(
        shop, uploaded(shop, SimpleUploadedFile("p.csv", content.encode()), subject="customers"), "import-columns"
    )
    assert "183****2807" in seen
    assert "18312342807" not in seen
    assert "林晓雨" not in seen


def test_customers_walk_the_same_way(shop: Client) -> None:
    content = "phone,full name,city\n18312342807,林晓雨,杭州\n18312342808,陈默,上海\n"
    batch = uploaded(shop, SimpleUploadedFile("p.csv", content.encode()), subject="customers")
    said = {"column_phone": "0", "column_full_name": "1", "column_city": "2"}
    ask(shop, "import-columns", batch, {"preset": "generic", "store": "", **said})
    Worker().drain()
    assert "Import 2 customers" in text(shop, batch)
    ask(shop, "import-run", batch)
    Worker().drain()
    assert "Brought in 2 customers." in text(shop, batch)


def test_events_walk_the_same_way_and_their_source_is_named_in_the_readers_language(shop: Client, owner: Staff) -> None:
    assert 'value="events"' in shop.get(reverse("import-new")).content.decode()
    content = "who,what,when\nu1,Product Viewed,2024-11-11 09:00:00\nu2,Quiz Finished,2024-11-12 10:00:00\n"
    batch = uploaded(shop, SimpleUploadedFile("e.csv", content.encode()), subject="events")
    choices = text(shop, batch, "import-columns", "?preset=generic")
    assert "The event" in choices
    assert "The order" not in choices
    missing = ask(shop, "import-columns", batch, {"preset": "generic", "store": "", "column_name": "1"})
    assert missing.status_code == 422
    assert "Choose its column." in missing.content.decode()
    said = {"column_profile_external_id": "0", "column_name": "1", "column_occurred_at": "2"}
    nobody = ask(
        shop, "import-columns", batch, {"preset": "generic", "store": "", **said, "column_profile_external_id": ""}
    )
    assert "nothing of who it was" in nobody.content.decode()
    ask(shop, "import-columns", batch, {"preset": "generic", "store": "", **said})
    Worker().drain()
    assert "Import 2 events" in text(shop, batch)
    ask(shop, "import-run", batch)
    Worker().drain()
    assert "Brought in 2 events." in text(shop, batch)
    assert Event.objects.count() == 2
    (source,) = EventSource.objects.all()
    assert f"{source.namespace} (files)" in shop.get(reverse("event-sources")).content.decode()
    owner.language = "zh-hans"
    owner.save()
    shown = shop.get(reverse("event-source", args=[source.pk])).content.decode()
    assert f"{source.namespace}（文件）" in shown
    assert "(files)" not in shown
    ask(shop, "import-undo", batch)
    Worker().drain()
    assert Event.objects.count() == 0


def test_a_double_click_imports_once(shop: Client) -> None:
    batch = checked(shop)
    for _click in range(3):
        assert ask(shop, "import-run", batch).url == page("import", batch)
    assert Job.objects.filter(task__endswith="run_import").count() == 1
    Worker().drain()
    for name in ("import-run", "import-dry-run", "import-resume", "import-stop"):
        ask(shop, name, batch)
    assert fresh(batch).state == State.DONE
    assert Job.objects.unfinished().filter(queue="long").count() == 0


def test_the_columns_of_an_import_at_work_are_closed(shop: Client) -> None:
    batch = settled(shop)
    assert shop.get(page("import-columns", batch)).url == page("import", batch)
    assert ask(shop, "import-columns", batch, {"preset": "tmall-report", **SHOP}).url == page("import", batch)
    assert fresh(batch).preset == "online-retail"


def test_a_dry_run_nobody_took_yet_is_stopped_at_once(shop: Client) -> None:
    batch = settled(shop)
    ask(shop, "import-stop", batch)
    assert fresh(batch).state == State.DRAFT
    assert Worker().drain() == 0
    assert shop.get(page("import", batch)).url == page("import-columns", batch)


def test_an_import_stopped_in_the_middle_goes_on_where_it_was(shop: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = checked(shop)
    ask(shop, "import-run", batch)
    seen: list[int] = []

    def stop_at_the_first_look(batch: Import, progress: object) -> None:
        from guanxi.core.jobs.run import Stopped

        if not seen:
            seen.append(batch.pk)
            shop.post(page("import-stop", batch))
            raise Stopped("asked")

    monkeypatch.setattr("guanxi.ingest.run.look", stop_at_the_first_look)
    Worker().drain()
    batch = fresh(batch)
    assert batch.state == State.STOPPED
    assert not Job.objects.unfinished().filter(queue="long").exists()
    assert "Resume the import" in text(shop, batch)
    ask(shop, "import-resume", batch)
    Worker().drain()
    assert fresh(batch).state == State.DONE
    assert Order.objects.count() == 5


def test_an_import_whose_worker_died_for_good_can_be_resumed(shop: Client) -> None:
    batch = checked(shop)
    ask(shop, "import-run", batch)
    Job.objects.unfinished().update(state=JobState.DEAD)
    assert "The work stood still." in text(shop, batch)
    ask(shop, "import-resume", batch)
    Worker().drain()
    assert fresh(batch).state == State.DONE


def test_a_dry_run_that_broke_off_says_why_and_can_be_tried_again(shop: Client) -> None:
    batch = settled(shop)
    kept = Path(fresh(batch).files[0]["path"])
    content = kept.read_bytes()
    kept.write_bytes(b"%PDF-1.7")
    Worker().drain()
    seen = text(shop, batch)
    assert "a PDF document, not a table" in seen
    assert "Back to columns" in seen
    kept.write_bytes(content)
    ask(shop, "import-resume", batch)
    Worker().drain()
    assert fresh(batch).state == State.CHECKED


def test_what_somebody_touched_is_kept_by_an_undo_and_listed(shop: Client) -> None:
    batch = imported(shop)
    Order.objects.filter(number="536367").update(import_id=None)
    ask(shop, "import-undo", batch)
    Worker().drain()
    seen = text(shop, batch)
    assert "Took back 4 orders; what was touched since stays." in seen
    assert "536367" in seen


def test_progress_is_answered_as_a_part_and_ends_by_loading_the_page(shop: Client) -> None:
    batch = settled(shop)
    seen = text(shop, batch, "import-progress")
    assert "<html" not in seen
    assert 'hx-trigger="every 1s"' in seen
    Worker().drain()
    answer = shop.get(page("import-progress", batch))
    assert (answer.status_code, answer["HX-Redirect"]) == (204, page("import", batch))


def test_a_draft_can_be_thrown_away_with_its_files_and_nothing_else_can(shop: Client) -> None:
    batch = uploaded(shop)
    folder = batch.folder
    assert folder.exists()
    assert ask(shop, "import-removal", batch).url == reverse("imports")
    assert not folder.exists()
    done = imported(shop)
    ask(shop, "import-removal", done)
    assert Import.objects.filter(pk=done.pk).exists()


def test_the_first_visit_teaches(shop: Client) -> None:
    seen = shop.get(reverse("imports")).content.decode()
    assert "No file has been brought in yet." in seen
    assert reverse("import-new") in seen


def test_the_list_shows_what_waits_for_whom(shop: Client) -> None:
    imported(shop)
    settled(shop)
    seen = shop.get(reverse("imports")).content.decode()
    for words in ("orders.csv", "Done", "Dry run under way", "苏梅", "Gift shop", "Online Retail invoices"):
        assert words in seen
    assert "Dry run under way" not in shop.get(reverse("imports") + "?state=done").content.decode()


def test_a_customer_file_names_its_shop_as_people_do(shop: Client, owner: Staff) -> None:
    Store.open("gift", name="Gift shop", channel="own", currency="GBP", time_zone="UTC")
    Import.objects.create(by=owner, subject="customers", store_code="gift", files=[{"name": "p.csv"}], state=State.DONE)
    assert "<td>Gift shop</td>" in shop.get(reverse("imports")).content.decode()


def test_pages_speak_chinese(shop: Client, owner: Staff) -> None:
    owner.language = "zh-hans"
    owner.save()
    batch = checked(shop)
    seen = text(shop, batch)
    assert "7 行里有 7 行会改动你的店铺，全部读得懂。" in seen
    assert "导入 5 单" in seen


def test_a_clerk_imports_an_analyst_looks_an_agent_does_neither(client: Client, shop: Client) -> None:
    batch = checked(shop)
    for role, may_see, may_run in ((Role.CLERK, 200, 200), (Role.ANALYST, 200, 403), (Role.AGENT, 403, 403)):
        client.force_login(hired(role.value, role.label, role))
        assert client.get(reverse("imports")).status_code == may_see
        assert client.get(page("import", batch)).status_code == may_see
        assert client.get(reverse("import-new")).status_code == may_run
        assert client.get(page("import-rejected-csv", batch)).status_code == may_run
        if may_run == 403:
            assert ask(client, "import-run", batch).status_code == 403
            assert fresh(batch).state == State.CHECKED


def test_an_import_that_is_not_there_is_not_found(shop: Client) -> None:
    assert shop.get(reverse("import", args=[77])).status_code == 404
    assert ask(shop, "import-run", Import(pk=77)).status_code == 404


@pytest.mark.parametrize("count", [3, 30])
def test_the_list_costs_the_same_however_long_it_is(
    shop: Client, bare_shell: None, owner: Staff, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    store = Store.open("gift", name="Gift", channel="own", currency="GBP", time_zone="UTC")
    files = [{"name": "a.csv", "path": "", "size": 1}]
    Import.objects.bulk_create(Import(by=owner, store=store, files=files, state="done") for _ in range(count))
    shop.get(reverse("imports"))
    with django_assert_num_queries(7):  # session, person, columns, views, count, rows, states
        shop.get(reverse("imports"))


def test_a_page_of_the_wizard_costs_a_handful_of_queries(
    shop: Client, bare_shell: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    batch = checked(shop)
    shop.get(page("import", batch))
    with django_assert_num_queries(6):  # session, person, import, job, changes, the last import
        shop.get(page("import", batch))
    ask(shop, "import-run", batch)
    with django_assert_num_queries(4):  # session, person, import, job
        shop.get(page("import-progress", batch))


def test_a_command_lines_import_has_its_page(shop: Client, tmp_path: Path) -> None:
    from tests.ingest.shop import imported as brought
    from tests.ingest.shop import write

    batch = brought(write(tmp_path, *LINES))
    assert "Brought in 5 orders." in text(shop, batch)
    batch.set(state=State.STOPPED)
    assert "Resume the import" in text(shop, batch)
    assert wizard.job_of(batch) is None

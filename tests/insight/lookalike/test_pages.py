"""Look-alikes are asked for on the page, found in the background, and read on the page, as a file and by programs."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from guanxi.accounts.models import Staff
from guanxi.core.errors import GuanxiError
from guanxi.customers.models import Customer, Score, Tag
from guanxi.insight.lookalike import asked, sets, story
from guanxi.insight.models import LookalikeRun
from guanxi.orders.models import Store
from guanxi.warehouse.sync import sync
from tests.api import keyed
from tests.cast import TODAY, buy, met

PAGE = "/insight/lookalikes/"


@pytest.fixture
def crowd(lake: Path, today: dt.date, tea_house: Store, owner: Staff) -> list[Customer]:
    """Sixty who bought, nearly all of Hangzhou and tagged; of ninety others a third lives there."""
    found = []
    for nth in range(150):
        who = met(tea_house, key=f"k{nth}", name=f"客{nth}", phone=f"+8613900{nth:06}")
        city = "杭州市" if (nth < 60 and nth % 12) or (nth >= 60 and nth % 3 == 0) else "上海市"
        Customer.objects.filter(pk=who.pk).update(city=city)
        found.append(who)
    tag = Tag.objects.called("白茶")
    for who in found[:60]:
        buy(who, tea_house, on=TODAY - dt.timedelta(days=9), goods_minor=9_900)
        who.tag_with(tag, by=owner)
    sync()
    return found


@pytest.fixture
def found(crowd: list[Customer]) -> LookalikeRun:
    run = LookalikeRun.begin("tag", "白茶", as_of=TODAY)
    assert story.find(run.pk) == 90
    run.refresh_from_db()
    return run


def text(client: Client, address: str = PAGE) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    page = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return " ".join(page.decode().split())


def test_those_of_the_same_city_come_first(found: LookalikeRun, crowd: list[Customer]) -> None:
    first = {key for key, _times, _why in found.told["people"][:30]}
    assert first == {who.pk for who in crowd[60:] if Customer.objects.get(pk=who.pk).city == "杭州市"}
    assert found.told["inside"] == 60
    assert found.told["prospects"] == 90


def test_the_page_shows_lift_reasons_and_people(
    found: LookalikeRun, owners_browser: Client, django_assert_num_queries: Any
) -> None:
    text(owners_browser)
    with django_assert_num_queries(9):
        page = text(owners_browser)
    for words in ("Customers with a tag: 白茶", "How good is that?", "lives in 杭州市", "they have not bought yet"):
        assert words in page
    assert len(page.encode()) < 60_000


def test_the_file_is_masked_and_only_for_who_may_export(
    found: LookalikeRun, owners_browser: Client, agents_browser: Client
) -> None:
    address = reverse("insight:lookalikes-table")
    rows = text(owners_browser, address)
    assert "cus_" in rows
    assert "客1," not in rows
    assert agents_browser.get(address).status_code == 403


def test_asking_on_the_page_begins_work_in_the_background(crowd: list[Customer], owners_browser: Client) -> None:
    answer = owners_browser.post(PAGE, {"kind": "tag", "word": "白茶"})
    assert answer.status_code == 302
    run = LookalikeRun.objects.get()
    assert "Comparing people with the set" in text(owners_browser, answer["Location"])
    story.find(run.pk)
    assert owners_browser.get(f"{PAGE}progress/?run={run.pk}")["HX-Refresh"] == "true"
    assert owners_browser.post(PAGE, {"kind": "tag", "word": ""}).status_code == 422
    assert owners_browser.post(PAGE, {"kind": "nonsense", "word": "a"}).status_code == 422


@pytest.mark.parametrize(
    ("kind", "word", "says"),
    [
        ("tag", "nix", "No customers belong to"),
        ("class", "lost", "No customers belong"),
        ("product", "prd_x", "No customers"),
    ],
)
def test_an_unknown_set_is_told_so(
    crowd: list[Customer], owners_browser: Client, kind: str, word: str, says: str
) -> None:
    run = LookalikeRun.begin(kind, word, as_of=TODAY)
    assert story.find(run.pk) == 0
    assert says in text(owners_browser)
    assert story.find(run.pk + 1) == 0


def test_a_tiny_set_is_told_what_is_missing(crowd: list[Customer], owners_browser: Client) -> None:
    run = LookalikeRun.begin("list", " ".join(who.public_id for who in crowd[:3]), as_of=TODAY)
    story.find(run.pk)
    assert "The set has 3 customers; it takes 50" in text(owners_browser)


def test_a_set_is_asked_for_and_refused_in_the_language_of_who_asks(
    crowd: list[Customer], owners_browser: Client
) -> None:
    Score.objects.bulk_create(
        [
            Score(customer=who, name="rfm", label="high_value", value=5, as_of=TODAY, scheme_version=1)
            for who in crowd[:3]
        ]
    )
    with translation.override("zh-hans"):
        run = LookalikeRun.begin("class", "高价值", as_of=TODAY)
    story.find(run.pk)
    assert "只有 3 位" in text(owners_browser)
    assert sets.ids_of("class", "High-Value") == {who.pk for who in crowd[:3]}


def test_a_list_that_chance_makes_as_well_is_not_shown(found: LookalikeRun, owners_browser: Client) -> None:
    assert "Who resembles them most?" in text(owners_browser)
    found.told["lifts"] = [1.0] * 10
    found.save()
    page = text(owners_browser)
    assert "Nobody is listed" in page
    assert "Who resembles them most?" not in page


def test_the_form_keeps_what_was_typed(crowd: list[Customer], owners_browser: Client) -> None:
    answer = owners_browser.post(PAGE, {"kind": "product", "word": "x" * 40_001})
    assert answer.status_code == 422
    assert '<option value="product" selected' in answer.content.decode()
    LookalikeRun.begin("product", "龙井", as_of=TODAY)
    assert 'value="龙井"' in text(owners_browser)


def test_an_empty_book_is_told_what_it_takes(lake: Path, today: dt.date, owners_browser: Client) -> None:
    assert "It takes 50 customers in the set" in text(owners_browser)


def test_command_and_api_tell_the_same(
    found: LookalikeRun, crowd: list[Customer], owner: Staff, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ids.txt"
    file.write_text("\n".join(who.public_id for who in crowd[:60]))
    call_command("insight", "lookalikes", "--of", str(file), "--json")
    told = json.loads(capsys.readouterr().out)
    program = keyed(owner)
    answer = program.get("/insight/lookalikes?kind=tag&word=白茶&limit=5")
    assert [each["customer"] for each in answer["data"]] == [each["customer"] for each in told["people"][:5]]
    assert program.call("GET", "/insight/lookalikes?kind=tag&word=other").status_code == 404
    for wrong in (lambda: asked.read(tmp_path / "none"), lambda: sets.ids_of("list", "nobody")):
        with pytest.raises(GuanxiError):
            wrong()


def test_only_the_newest_runs_are_kept(db: None) -> None:
    for nth in range(LookalikeRun.KEPT + 3):
        LookalikeRun.begin("tag", str(nth), as_of=TODAY)
    assert LookalikeRun.objects.count() == LookalikeRun.KEPT

"""Changing the rules on a page: looked at before it is written, kept as versions, never over somebody else's head."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.core.jobs.models import Job, State
from guanxi.customers import classes
from guanxi.customers.classes import known_classes
from guanxi.customers.models import Customer, Score
from guanxi.insight import scoring, tasks
from guanxi.insight.forms import SchemeForm
from guanxi.insight.models import RfmRun, RfmScheme
from guanxi.insight.scheme import DEFAULT
from guanxi.warehouse.sync import sync
from tests.cast import hired

RULES, VERSIONS, OUTCOME = (reverse(f"insight:{name}") for name in ("rules", "rules-versions", "rules-outcome"))
TYPED = {
    name: "" if value is None else str(value)
    for name, value in SchemeForm.of(DEFAULT, base=1, currency="CNY").initial.items()
}
STRICT = {"class_2_from": "3.7"}


@pytest.fixture
def scored(lake: Any, today: dt.date, loyal: Customer, lapsed: Customer, opted_out: Customer) -> RfmRun:
    """Three customers: one potential, two lost."""
    sync()
    return scoring.score_customers()


@pytest.fixture
def owners(client: Client, owner: Staff) -> Client:
    owner.language = "en"
    owner.save()
    client.force_login(owner)
    return client


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("role", "may_look", "may_change"),
    [
        (Role.OWNER, 200, 200),
        (Role.MARKETER, 200, 403),
        (Role.ANALYST, 200, 403),
        (Role.AGENT, 403, 403),
        (Role.CLERK, 403, 403),
    ],
)
def test_marketers_and_analysts_look_and_only_the_owner_changes(
    client: Client, db: None, role: Role, may_look: int, may_change: int
) -> None:
    client.force_login(hired("someone", "Some One", role))
    assert client.get(reverse("insight:rfm")).status_code == may_look
    assert client.get(reverse("insight:rfm-progress")).status_code == may_look
    assert client.get(VERSIONS).status_code == may_look
    assert client.get(RULES).status_code == may_change
    for address in (RULES, OUTCOME):
        assert client.post(address, {**TYPED, "act": "preview"}).status_code == may_change
    if may_change == 403:
        client.post(RULES, {**TYPED, **STRICT, "act": "save"})
        assert RfmScheme.objects.count() <= 1


def test_who_may_not_change_is_offered_nothing_to_change(client: Client, db: None) -> None:
    client.force_login(hired("ana", "Ana", Role.ANALYST))
    RfmScheme.objects.adopt(DEFAULT)
    RfmScheme.objects.adopt(replace(DEFAULT, recency=replace(DEFAULT.recency, window_days=400)))
    for address in (reverse("insight:rfm"), VERSIONS):
        page = text(client.get(address))
        assert f'{RULES}"' not in page
        assert f"{RULES}?" not in page


def test_nobody_sees_the_rules_without_signing_in(client: Client, db: None) -> None:
    for address in (RULES, VERSIONS):
        assert client.get(address).status_code == 302


def test_a_look_says_who_would_move_and_writes_nothing(owners: Client, scored: RfmRun) -> None:
    before = list(Score.objects.values_list())
    page = text(owners.post(OUTCOME, {**TYPED, **STRICT}))
    assert "1 customer would change class" in page
    assert "33.3% of 3, as of 11 Nov 2024. Nothing has been written yet." in page
    assert "potential / " not in page
    assert "潜力 / Potential · score from 3.7" in page
    assert "<html" not in page
    assert RfmScheme.objects.count() == 1
    assert not Job.objects.exists()
    assert list(Score.objects.values_list()) == before


def test_the_whole_page_shows_the_same_without_a_script(owners: Client, scored: RfmRun) -> None:
    response = owners.post(RULES, {**TYPED, **STRICT, "act": "preview"})
    assert response.status_code == 200
    assert "1 customer would change class" in text(response)
    assert 'value="3.7"' in text(response)
    assert RfmScheme.objects.count() == 1


def test_the_look_speaks_chinese(client: Client, owner: Staff, scored: RfmRun) -> None:
    owner.language = "zh-hans"
    owner.save()
    client.force_login(owner)
    page = text(client.post(OUTCOME, {**TYPED, **STRICT}))
    assert "1 位客户会换类别" in page
    assert "还什么都没有写入。" in page


def test_saving_makes_a_version_and_has_everybody_scored_anew(
    owners: Client, owner: Staff, scored: RfmRun, loyal: Customer
) -> None:
    response = owners.post(RULES, {**TYPED, **STRICT, "act": "save"}, follow=True)
    saved = RfmScheme.current()
    assert (saved.version, saved.by) == (2, owner)
    page = text(response)
    assert "Saved as version 2. Every customer is scored anew now." in page
    assert "Scoring every customer by the new rules" in page
    assert "Being computed" in page
    job = Job.objects.get()
    assert job.task == tasks.rescore.module_path
    tasks.rescore.func(_alone())
    assert Score.objects.get(customer=loyal).label == "ordinary"
    assert "Up to date" in text(owners.get(reverse("insight:rfm")))


def _alone() -> Any:
    """The context of a task outside of any queue."""
    from types import SimpleNamespace

    return SimpleNamespace(task_result=SimpleNamespace(id="alone", worker_ids=[]), attempt=1)


def test_scoring_twice_by_the_same_rules_is_done_once(scored: RfmRun) -> None:
    assert tasks.rescore.func(_alone()) == 0
    assert RfmRun.objects.get().finished_at == scored.finished_at


def test_the_work_is_shown_while_it_lasts_and_the_page_comes_anew_after_it(owners: Client, scored: RfmRun) -> None:
    owners.post(RULES, {**TYPED, **STRICT, "act": "save"})
    progress = reverse("insight:rfm-progress")
    Job.objects.update(state=State.RUNNING, progress={"done": 2, "total": 3, "unit": "customers"})
    response = owners.get(progress)
    assert "2 of 3" in text(response)
    assert "HX-Refresh" not in response.headers
    Job.objects.update(state=State.DEAD, error="The lake is gone.")
    response = owners.get(progress)
    assert "The lake is gone." in text(response)
    assert response.headers["HX-Refresh"] == "true"


def test_saving_the_rules_in_force_writes_nothing(owners: Client, db: None) -> None:
    response = owners.post(RULES, {**TYPED, "act": "save"}, follow=True)
    assert "Nothing was changed" in text(response)
    assert RfmScheme.objects.count() == 1
    assert not Job.objects.exists()


def test_what_was_typed_stays_where_something_is_wrong(owners: Client, db: None) -> None:
    response = owners.post(RULES, {**TYPED, "recency_weight": "abc", "class_2_zh": "老朋友", "act": "save"})
    page = text(response)
    assert response.status_code == 422
    assert 'value="abc"' in page
    assert 'value="老朋友"' in page
    assert "This is not a whole number." in page
    assert 'id="id_recency_weight_error"' in page


@pytest.mark.parametrize("act", ["save", "preview", "remove-", "remove-x", "add-", "", "drop table", "\x00"])
def test_hostile_input_is_answered_and_changes_nothing(owners: Client, db: None, act: str) -> None:
    for typed in ({}, {**TYPED, "base": "NaN", "recency_weight": "1" + "0" * 30}, {"class_1_zh": "名" * 200}):
        response = owners.post(RULES, {**typed, "act": act})
        assert response.status_code in {200, 422}
    assert owners.post(OUTCOME, {**TYPED, "class_1_from": "1e999"}).status_code == 200
    assert RfmScheme.objects.count() <= 1


def test_bytes_that_are_no_text_are_answered(owners: Client, db: None) -> None:
    raw = b"act=save&base=1&class_1_zh=%ED%A0%80&recency_weight=%FF&class_2_zh=%00"
    response = owners.post(RULES, raw, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 422


def test_a_name_is_shown_as_it_is_and_never_run(owners: Client, scored: RfmRun) -> None:
    typed = {**TYPED, "class_1_en": "<img src=x onerror=alert(1)>"}
    for address in (RULES, OUTCOME):
        assert "<img src=x" not in text(owners.post(address, {**typed, "act": "preview"}))


def test_a_class_is_added_and_removed_without_saving(owners: Client, db: None) -> None:
    page = text(owners.post(RULES, {**TYPED, "recency_weight": "35", "act": "add"}))
    assert 'name="class_5_zh"' in page
    assert 'value="35"' in page
    page = text(owners.post(RULES, {**TYPED, "act": "remove-1"}))
    assert 'name="class_4_zh"' not in page
    assert "High-value" not in page
    assert RfmScheme.objects.count() == 1


def test_the_second_of_two_editors_sees_the_difference_and_may_save_over_it(owners: Client, scored: RfmRun) -> None:
    other = hired("lin", "Lin Bo", Role.OWNER)
    RfmScheme.objects.adopt(replace(DEFAULT, recency=replace(DEFAULT.recency, window_days=200)), by=other)
    response = owners.post(RULES, {**TYPED, **STRICT, "act": "save"})
    page = text(response)
    assert response.status_code == 409
    assert "Lin Bo saved version 2 while you were editing." in page
    assert '<del class="gx-now">all time</del> → <ins class="gx-after">200 days</ins>' in page
    assert '<del class="gx-now">200 days</del> → <ins class="gx-after">all time</ins>' in page
    assert 'value="3.7"' in page
    assert 'name="base" value="2"' in page
    assert RfmScheme.current().version == 2
    assert not Job.objects.exists()
    owners.post(RULES, {**TYPED, **STRICT, "base": "2", "act": "save"})
    assert RfmScheme.current().version == 3


def test_two_who_save_the_same_need_not_decide(owners: Client, db: None) -> None:
    RfmScheme.current()
    owners.post(RULES, {**TYPED, **STRICT, "act": "save"})
    response = owners.post(RULES, {**TYPED, **STRICT, "act": "save"}, follow=True)
    assert "Nothing was changed" in text(response)
    assert RfmScheme.current().version == 2


def test_versions_say_who_changed_what_and_an_older_one_is_restored(owners: Client, scored: RfmRun) -> None:
    owners.post(RULES, {**TYPED, **STRICT, "act": "save"})
    page = text(owners.get(VERSIONS))
    assert "<h1>2 versions of the rules</h1>" in page
    assert "苏梅" in page
    assert "潜力 / Potential · score from 3.7" in page
    assert f"{RULES}?from=1" in page
    restoring = text(owners.get(f"{RULES}?from=1"))
    assert "<h1>Go back to version 1?</h1>" in restoring
    assert "Nothing has been written yet." in restoring
    assert "customer would change class" in restoring or "Nobody would change class" in restoring
    assert 'name="base" value="2"' in restoring
    owners.post(RULES, {**TYPED, "base": "2", "act": "save"})
    assert (RfmScheme.current().version, RfmScheme.current().scheme) == (3, DEFAULT)


@pytest.mark.parametrize("asked", ["99", "x", "-1", "1" * 30, "²"])
def test_a_version_there_is_not_shows_the_rules_in_force(owners: Client, db: None, asked: str) -> None:
    page = text(owners.get(RULES, {"from": asked}))
    assert "<h1>Who counts as valuable?</h1>" in page


def test_before_any_change_the_history_says_so(owners: Client, db: None) -> None:
    page = text(owners.get(VERSIONS))
    assert "<h1>The rules have stood unchanged so far</h1>" in page
    assert "The usual rules, with which every shop begins." in page


def test_a_class_of_ones_own_is_called_by_its_name_everywhere(owners: Client, scored: RfmRun, loyal: Customer) -> None:
    named = {"class_2_key": "", "class_2_zh": "老朋友", "class_2_en": "Friends of the house"}
    owners.post(RULES, {**TYPED, **named, "act": "save"})
    tasks.rescore.func(_alone())
    assert Score.objects.get(customer=loyal).label == "class_1"
    for address in ("/customers/", "/customers/?class=class_1", reverse("insight:rfm")):
        page = text(owners.get(address))
        assert "Friends of the house" in page
        assert ">class_1<" not in page
    assert "Why friends of the house?" in text(
        owners.get(reverse("insight:customer-rfm", kwargs={"customer_id": loyal.pk}))
    )
    assert [each.label for each in known_classes().values()][:4] == ["high_value", "class_1", "ordinary", "lost"]


def test_a_renamed_class_is_called_so_by_the_next_request_of_every_process(
    owners: Client, scored: RfmRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Friends" not in text(owners.get("/customers/"))
    best, second, *others = DEFAULT.classes
    renamed = (best, replace(second, name_en="Friends", name_zh="老朋友"), *others)
    with monkeypatch.context() as elsewhere:  # in a process whose memory this one does not share
        elsewhere.setattr(classes, "forget", lambda: None)
        RfmScheme.objects.adopt(replace(DEFAULT, classes=renamed))
    assert "Friends" in text(owners.get("/customers/"))


def test_the_pages_cost_as_many_questions_however_many_customers_and_versions_there_are(
    owners: Client, scored: RfmRun, django_assert_num_queries: Any
) -> None:
    pages = {reverse("insight:rfm"): 9, RULES: 7, VERSIONS: 8}  # session, staff and the shell's own among them
    for nth in range(3):
        for address, questions in pages.items():
            with django_assert_num_queries(questions, info=address):
                owners.get(address)
        RfmScheme.objects.adopt(replace(DEFAULT, recency=replace(DEFAULT.recency, window_days=300 + nth)))
        RfmRun.objects.update(scheme=RfmScheme.current())

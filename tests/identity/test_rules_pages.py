"""The page of who is who: what rules would do is seen before they are written, and nothing is written over others."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import AuditEntry
from guanxi.core.jobs.models import Job
from guanxi.core.jobs.worker import Worker
from guanxi.identity.models import RuleSet
from guanxi.identity.portable import PART
from guanxi.identity.resolution import resolve
from guanxi.identity.rules import PLACEHOLDERS, BadRules, Rules
from guanxi.identity.rules_form import RulesForm
from guanxi.identity.tasks import rehearse_rules, resolve_everybody
from tests.identity.test_resolution import MAIL, NOON, people_there, phone, seen

URL = reverse("identity:rules")
pytestmark = pytest.mark.django_db


def typed(**over: Any) -> dict[str, Any]:
    """What the browser sends where nothing was changed, but for some fields; None takes one out."""
    form = RulesForm.of(RuleSet.current().rules, base=RuleSet.current().version)
    told = {name: value for name, value in form.initial.items() if value not in {None, False}} | over
    return {name: "on" if value is True else value for name, value in told.items() if value is not None}


def test_what_is_typed_as_it_stands_are_the_rules_in_force() -> None:
    form = RulesForm(typed())
    assert form.is_valid(), form.errors
    assert form.proposed == Rules()


def test_the_owner_sees_who_would_change_before_anything_is_written(owners_browser: Client) -> None:
    resolve([seen("a", phone("+8613700000001")), seen("b", phone("+8613700000001"), MAIL), seen("c", MAIL)])
    page = owners_browser.post(URL, {**typed(joins_email=None), "act": "preview"}).content.decode()
    assert "Looking who would change" in page
    job = Job.objects.get(task=rehearse_rules.module_path)
    assert Worker().drain() >= 1
    seen_then = owners_browser.get(reverse("identity:rules-rehearsal", args=[job.pk])).content.decode()
    assert "1 customer would change." in seen_then
    assert (RuleSet.objects.count(), Job.objects.filter(task=resolve_everybody.module_path).count()) == (1, 0)
    answer = owners_browser.post(URL, {**typed(joins_email=None), "act": "save"}, follow=True)
    assert "Finding anew who is who" in answer.content.decode()
    assert AuditEntry.objects.filter(act="identity.adopted").count() == 1
    resolve_everybody.func(_context())
    assert people_there() == {frozenset("ab"), frozenset("c")}


def test_the_owner_sees_how_many_would_show_something_else(owners_browser: Client) -> None:
    """Ada is said twice, and once she is Ada Byron, which was said last."""
    for day, (key, name) in enumerate((("a", "Ada"), ("c", "Ada"), ("b", "Ada Byron"))):
        resolve([replace(seen(key, MAIL), name=name, seen_at=NOON + dt.timedelta(days=day))])

    def otherwise(**rules: str) -> int:
        owners_browser.post(URL, {**typed(**rules), "act": "preview"})
        Worker().drain()
        told = Job.objects.filter(task=rehearse_rules.module_path).latest("pk").result
        assert told["customers_changed"] == 0
        return int(told["shown_otherwise"])

    assert (otherwise(), otherwise(shown_name="frequent")) == (0, 1)


def test_every_field_of_the_rules_can_be_set_on_the_page(owners_browser: Client) -> None:
    page = owners_browser.get(URL).content.decode()
    assert [name for name in RulesForm().fields if f'name="{name}"' not in page] == []
    owners_browser.post(URL, {**typed(threshold="97", shared="4"), "act": "save"})
    assert (RuleSet.current().rules.threshold, RuleSet.current().rules.shared) == (97, 4)


def test_the_same_rules_again_are_no_new_version(owners_browser: Client) -> None:
    owners_browser.post(URL, {**typed(), "act": "save"})
    assert RuleSet.objects.count() == 1


def test_faults_are_said_under_their_fields_and_what_was_typed_stays(owners_browser: Client) -> None:
    wrong = typed(limit_phone="many", blocked="12", threshold="5")
    answer = owners_browser.post(URL, {**wrong, "act": "save"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert all(said in page for said in ("not a whole number", "“12” is no phone", 'value="many"'))


def test_rules_saved_meanwhile_are_not_written_over(owners_browser: Client) -> None:
    mine = typed(limit_phone="95")
    RuleSet.objects.adopt(Rules(provider_rules=True))
    answer = owners_browser.post(URL, {**mine, "act": "save"})
    assert answer.status_code == 409
    assert RuleSet.current().rules == Rules(provider_rules=True)


def test_blocked_values_are_read_in_normal_form_and_stand_sealed() -> None:
    form = RulesForm(typed(blocked="138 1234 5678\nA@Example.com\nmember_card: 0001"))
    assert form.is_valid(), form.errors
    assert form.proposed
    kept = RuleSet.objects.adopt(form.proposed)
    assert kept.rules.blocked == (
        ("phone", "+8613812345678"), ("email", "a@example.com"), ("member_card", "0001"),
    )  # fmt: skip
    assert "13812345678" not in str(kept.kept)


def test_rules_that_contradict_themselves_are_refused() -> None:
    for faulty in (Rules(limits={"oaid": 3}), Rules(limits={"phone": 1}), Rules(threshold=20), Rules(survivorship={})):
        with pytest.raises(BadRules):
            RuleSet.objects.adopt(faulty)


def test_the_rules_travel_in_the_settings_file() -> None:
    (told,) = PART.give()
    assert told.value == Rules()
    PART.take(told.model_copy(update={"provider_rules": True, "threshold": 92}), None)
    assert RuleSet.current().rules == Rules(provider_rules=True, threshold=92)
    assert RuleSet.current().rules.blocked == PLACEHOLDERS


def test_an_agent_is_not_let_in(agents_browser: Client) -> None:
    assert agents_browser.get(URL).status_code in {403, 404}


def _context() -> Any:
    from types import SimpleNamespace

    return SimpleNamespace(task_result=SimpleNamespace(id="test", worker_ids=[]), attempt=1)

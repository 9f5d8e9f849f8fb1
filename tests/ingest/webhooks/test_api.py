"""Webhooks by programs: made, changed, paused, tested and deleted; a secret is shown once."""

import json
from typing import Any

import pytest

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.accounts.roles import Role
from guanxi.core.ids import public_id
from guanxi.ingest.models import Webhook
from guanxi.ingest.models.webhook import MOST
from tests.api import Program, keyed, problem
from tests.cast import hired
from tests.ingest.webhooks.conftest import Receiver, sent

pytestmark = pytest.mark.django_db
PATH = "/webhooks"


@pytest.fixture
def program(owner: Staff) -> Program:
    return keyed(owner, "webhooks:read", "webhooks:write", per_minute=1_000)


def test_a_secret_is_shown_when_it_is_made_and_never_again(program: Program, receiver: Receiver) -> None:
    made = program.post(PATH, {"url": receiver.url, "events": ["Order Completed", "Viewed Product", "quiz"]})
    webhook = Webhook.objects.get()
    assert made["secret"] == webhook.secret
    assert made["events"] == ["Order Completed", "Product Viewed", "quiz"]
    for path in (PATH, f"{PATH}/{made['id']}", f"{PATH}/{made['id']}/deliveries"):
        assert webhook.secret not in json.dumps(program.get(path))
    again = program.post(f"{PATH}/{made['id']}/secret")
    assert again["secret"] == Webhook.objects.get().secret != webhook.secret
    assert AuditEntry.objects.filter(act__in=["webhook.made", "webhook.rotated"]).count() == 2


def test_the_same_idempotency_key_makes_one_webhook(program: Program) -> None:
    first, second = (program.post(PATH, {"url": "https://erp.example/x"}, once="a") for _nth in range(2))
    assert first == second
    assert Webhook.objects.count() == 1


def test_what_is_left_out_of_a_change_stays(program: Program) -> None:
    url = "https://erp.example/x?key=7"
    made = program.post(PATH, {"url": url, "description": "ERP", "events": ["Order Completed"]})
    assert made["url"] == "https://erp.example/x?…"

    def change(**told: Any) -> Any:
        answer = program.call("PATCH", f"{PATH}/{made['id']}", told)
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)

    assert change(description="Stock")["events"] == ["Order Completed"]
    assert Webhook.objects.get().url == "https://erp.example/x?key=7"
    paused = change(is_active=False)
    assert (paused["is_active"], paused["paused_because"], paused["description"]) == (False, "by_hand", "Stock")
    assert change(is_active=True)["is_active"]
    assert change(events=None)["events"] is None
    changes = AuditEntry.objects.filter(act="webhook.changed").count()
    change(description="Stock")
    assert AuditEntry.objects.filter(act="webhook.changed").count() == changes


def test_a_test_is_sent_and_what_comes_of_it_is_listed(program: Program, receiver: Receiver) -> None:
    made = program.post(PATH, {"url": receiver.url})
    asked = program.post(f"{PATH}/{made['id']}/test")
    assert (asked["kind"], asked["state"]) == ("test", "waiting")
    sent(Webhook.objects.get())
    (found,) = program.get(f"{PATH}/{made['id']}/deliveries")["data"]
    assert (found["id"], found["state"], found["last_status"]) == (asked["id"], "delivered", 200)
    assert receiver.ids == [found["message"]]


def test_one_that_is_deleted_is_gone(program: Program) -> None:
    made = program.post(PATH, {"url": "https://erp.example/x"})
    assert program.call("DELETE", f"{PATH}/{made['id']}").status_code == 204
    assert program.get(PATH)["data"] == []
    problem(program.call("GET", f"{PATH}/{made['id']}"), 404)
    problem(program.call("DELETE", f"{PATH}/{made['id']}"), 404)
    problem(program.call("GET", f"{PATH}/{public_id('whk', 987_654)}"), 404)


@pytest.mark.parametrize(
    "told",
    [
        {}, {"url": ""}, {"url": "http://shop.example/hook"}, {"url": "https://169.254.169.254/latest"},
        {"url": "https://[::1]/x"}, {"url": "ftp://erp.example"}, {"url": "https://erp.example/x", "events": []},
        {"url": "https://erp.example/x", "events": ["x" * 101]}, {"url": "https://erp.example/x", "events": [""]},
        {"url": "https://erp.example/x", "events": ["  "]}, {"url": "https://erp.example/x", "secret": "mine"},
    ],
)  # fmt: skip
def test_what_may_not_be_called_or_named_is_refused(program: Program, told: dict[str, Any]) -> None:
    found = problem(program.call("POST", PATH, told), 422)
    assert all(found["fields"].values())
    assert not Webhook.objects.exists()


def test_no_more_are_made_than_fit(program: Program, owner: Staff) -> None:
    for nth in range(MOST):
        Webhook.make(f"https://erp.example/{nth}", by=owner)
    problem(program.call("POST", PATH, {"url": "https://erp.example/x"}), 409)
    assert len(program.get(f"{PATH}?limit=200")["data"]) == MOST


def test_a_key_of_somebody_who_may_not_look_after_them_opens_nothing(owner: Staff) -> None:
    Webhook.make("https://erp.example/x", by=owner)
    agent = keyed(hired("kim", "Kim", Role.AGENT), "webhooks:read", "webhooks:write")
    problem(agent.call("GET", PATH), 403)
    problem(agent.call("POST", PATH, {"url": "https://erp.example/y"}), 403)
    reads = keyed(owner, "webhooks:read")
    problem(reads.call("POST", PATH, {"url": "https://erp.example/y"}), 403)

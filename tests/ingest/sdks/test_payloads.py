"""Every example of Segment's published specifications, sent as it stands, is taken or set aside as it should be."""

import json
from pathlib import Path
from typing import Any

import pytest

from guanxi.customers.models import Event
from guanxi.ingest.collection.calls import Kind, Reason
from guanxi.ingest.collection.working import drained
from guanxi.ingest.models import Quarantined
from tests.conftest import DATA
from tests.ingest.collection.test_door import key, send, source  # noqa: F401 - key is a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.realdata]
SPEC = sorted((DATA / "api_payloads" / "segment_spec").glob("*.json"))
COMMERCE = sorted((DATA / "api_payloads" / "segment_ecommerce_v2").glob("*.json"))
# Examples shortened by their authors name nobody: the old e-mail events say user_id and action as no library does.
WHOLE = {
    "alias_08_alias", "alias_09_alias", "group_07_group", "identify_04_identify", "identify_05_identify",
    "page_11_page", "track_02_course_clicked", "track_03_button_clicked",
}  # fmt: skip


def sent(secret: str, told: dict[str, Any]) -> None:
    """Send a call to the address of its kind, and work it off."""
    kind = told.get("type") or told["action"]
    assert kind in Kind.values
    answer = send(f"/v1/{kind}", {**told, "writeKey": secret})
    assert (answer.status, answer.told) == (200, {"success": True})
    for _done in drained():
        pass


def test_all_examples_are_here() -> None:
    assert (len(SPEC), len(COMMERCE)) == (17, 22)


@pytest.mark.parametrize("path", SPEC, ids=lambda path: path.stem)
def test_an_example_of_the_specification_is_taken_where_it_names_somebody(key: str, path: Path) -> None:  # noqa: F811
    told = json.loads(path.read_text())
    sent(key, told)
    reasons = list(Quarantined.objects.values_list("reason", flat=True))
    assert reasons == ([] if path.stem in WHOLE else [Reason.NOBODY])
    happens = path.stem in WHOLE and told.get("type") in {"track", "page"}
    assert Event.objects.filter(source="shop").count() == happens


@pytest.mark.parametrize("path", COMMERCE, ids=lambda path: path.stem)
def test_an_example_of_commerce_is_set_aside_as_it_is_and_taken_with_a_device(key: str, path: Path) -> None:  # noqa: F811
    told = json.loads(path.read_text())
    sent(key, told)
    assert Quarantined.objects.get().reason == Reason.NOBODY
    sent(key, {**told, "anonymousId": "device-1"})
    event = Event.objects.get(source="shop", name=told["event"])
    assert Quarantined.objects.count() == 1
    lost = set(told["properties"]) - set(event.properties)
    assert lost <= {"share_message", "recipient", "review_body"}, lost


def test_one_message_id_in_several_examples_counts_for_the_first_and_sets_the_others_aside(key: str) -> None:  # noqa: F811
    same = [json.loads(path.read_text()) for path in SPEC if path.stem in WHOLE]
    same = [each for each in same if each.get("messageId") == "022bb90c-bbac-11e4-8dfc-aa07a5b093db"]
    for each in same:
        sent(key, each)
    assert list(Quarantined.objects.values_list("reason", flat=True)) == [Reason.OTHER_CONTENT] * (len(same) - 1)

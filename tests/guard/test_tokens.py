"""Links are good for one purpose and one time."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from guanxi.guard.errors import BadToken
from guanxi.guard.tokens import issue, read

DAY = timedelta(days=1)


def test_a_link_brings_back_what_it_was_made_for() -> None:
    assert read(issue({"customer": "cus_1"}, purpose="unsubscribe", lifetime=DAY), purpose="unsubscribe") == {
        "customer": "cus_1"
    }


def test_a_link_for_one_purpose_serves_no_other() -> None:
    token = issue("cus_1", purpose="order-status", lifetime=DAY)
    with pytest.raises(BadToken, match="altered"):
        read(token, purpose="unsubscribe")


@pytest.mark.parametrize(
    "spoil", [lambda token: token[:-1], lambda token: "x" + token, lambda _token: "", lambda _token: "a:b:c"]
)
def test_an_altered_link_is_refused(spoil: object) -> None:
    with pytest.raises(BadToken):
        read(spoil(issue(1, purpose="survey", lifetime=DAY)), purpose="survey")  # type: ignore[operator]


def test_a_link_ends_at_its_time() -> None:
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False) as clock:
        token = issue(1, purpose="survey", lifetime=DAY)
        clock.shift(DAY - timedelta(seconds=1))
        assert read(token, purpose="survey") == 1
        clock.shift(timedelta(seconds=1))
        with pytest.raises(BadToken, match="no longer valid"):
            read(token, purpose="survey")

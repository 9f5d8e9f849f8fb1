"""Scores of customers who were merged away are left for an unmerge."""

import pytest

from guanxi.accounts.models import Staff
from guanxi.customers.models import Score
from guanxi.identity.merging import merge, unmerge
from guanxi.insight.writeback import LAST_ID, add, standing_scores
from tests.identity.people import NOON, person

pytestmark = pytest.mark.django_db


def test_who_was_merged_keeps_their_score_and_gets_no_other(agent: Staff) -> None:
    lin, chen = person(1), person(2)
    for each, value in ((lin, 3.0), (chen, 5.0)):
        Score.objects.create(
            customer=each, name="rfm", value=value, parts={"r": 1, "f": 1, "m": 1}, as_of=NOON.date(), scheme_version=1
        )
    (act,) = merge([lin.pk, chen.pk], by=agent)
    assert standing_scores(0, LAST_ID).get_column("customer_id").to_list() == [lin.pk]
    add("rfm", [(1.0, "", "{}", "2024-11-11", 1, chen.pk)])
    assert Score.objects.count() == 2
    unmerge(act, by=agent)
    assert dict(Score.objects.values_list("customer", "value")) == {lin.pk: 3.0, chen.pk: 5.0}

"""What refers to another row is found by it: no deletion reads a whole table for each row that goes."""

from itertools import chain

import pytest
from django.apps import apps
from django.db import connection, models

UNINDEXED = {
    "OrderLine.variant",  # every import would pay for it; taking goods back indexes it for itself
    "Tagging.exclusive_group",  # groups of tags are never deleted
}


@pytest.mark.django_db
def test_every_reference_leads_an_index() -> None:
    found = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and field.db_constraint and field.column not in _leading(model)
    }
    assert found == UNINDEXED


def _leading(model: type[models.Model]) -> set[str]:
    with connection.cursor() as cursor:
        held = connection.introspection.get_constraints(cursor, model._meta.db_table).values()
    led = (one["columns"][:1] for one in held if one["index"] or one["unique"] or one["primary_key"])
    return set(chain.from_iterable(columns or [] for columns in led))

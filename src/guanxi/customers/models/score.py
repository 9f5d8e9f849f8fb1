"""What the marts say about a person today; their history is in the lake."""

from collections.abc import Iterable
from typing import ClassVar, Self

from django.db import models
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from guanxi.customers.likelihood import Common
from guanxi.customers.models.customer import CustomerFact
from guanxi.pages.paging import Among


def _band(letter: str) -> models.GeneratedField:
    """Keep a band among the parts as a column of its own, for an index to find it by."""
    return models.GeneratedField(
        expression=Cast(KT(f"parts__{letter}"), models.SmallIntegerField()),
        output_field=models.SmallIntegerField(null=True),
        db_persist=True,
    )


class ScoreQuerySet(models.QuerySet["Score"]):
    """Sets of scores."""

    def of_few(self, customers: Iterable[int], name: str) -> Self:
        """Keep the scores of one name that a few customers have: found by customer, for everybody has that name."""
        return self.filter(Common(models.Q(name=name), share=0.95), Among("customer", customers))


class Score(CustomerFact):
    """The current value of one score of one person: RFM, say, with its parts, date and scheme version.

    `weight` is the money among the parts: it says who comes first of those with equal scores.
    """

    name = models.CharField(max_length=40)
    value = models.FloatField()
    label = models.CharField(max_length=40, blank=True, default="")
    parts = models.JSONField(default=dict)
    weight = models.GeneratedField(
        expression=Cast(KT("parts__monetary_minor"), models.BigIntegerField()),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )
    r = _band("r")
    f = _band("f")
    m = _band("m")
    as_of = models.DateField()
    scheme_version = models.PositiveIntegerField()

    objects = ScoreQuerySet.as_manager()
    exported_fields: ClassVar = ("name", "value", "label", "parts", "as_of", "scheme_version")

    class Meta:
        constraints = [models.UniqueConstraint("name", "customer", name="score_once_per_customer")]
        indexes = [
            *CustomerFact.Meta.indexes,
            models.Index(fields=["name", "-value", "-weight", "-customer"], name="score_by_value"),
            models.Index(fields=["name", "label", "-value", "-weight", "-customer"], name="score_by_label"),
            models.Index(fields=["name", "r", "f", "-value", "-weight", "-customer"], name="score_by_bands"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value}"

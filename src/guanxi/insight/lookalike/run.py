"""The record of a search for look-alikes."""

import datetime as dt
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy


class LookalikeRun(models.Model):
    """Who resembles a set of customers, as it was asked for once: the set, the finding, and whom it found.

    `told` holds counts, the lift of each tenth on the hold-out, the traits, and the people by their ids alone;
    `failure` says what is missing, in the language of who asked. Only the newest of them are kept.
    """

    KEPT: ClassVar = 20

    class Kind(models.TextChoices):
        """How the set is named."""

        CLASS = "class", gettext_lazy("Customers of a class")
        TAG = "tag", gettext_lazy("Customers with a tag")
        PRODUCT = "product", gettext_lazy("Who bought a product")
        LIST = "list", gettext_lazy("Customers by their ids")

    kind = models.CharField(max_length=10, choices=Kind)
    word = models.TextField()
    as_of = models.DateField()
    told = models.JSONField(default=dict)
    failure = models.TextField(blank=True, default="")
    language = models.CharField(max_length=10, blank=True, default="")
    job = models.BigIntegerField(null=True, blank=True)
    begun_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"look-alikes of {self.kind} {self.word[:40]}"

    @classmethod
    def begin(cls, kind: str, word: str, *, as_of: dt.date) -> "LookalikeRun":
        """Write down what is asked for, and forget the oldest."""
        made = cls.objects.create(kind=kind, word=word, as_of=as_of, language=get_language() or "")
        kept = cls.objects.order_by("-pk").values_list("pk", flat=True)[: cls.KEPT]
        cls.objects.exclude(pk__in=list(kept)).delete()
        return made

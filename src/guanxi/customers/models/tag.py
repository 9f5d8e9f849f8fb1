"""Tags in groups, and who carries them."""

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.core.ids import public_id
from guanxi.customers.models.customer import STAFF, CustomerFact


class TagGroup(models.Model):
    """A heading under which tags stand, such as taste or service."""

    OWN: ClassVar = "own"  # where words stand that staff made up on a customer's page

    name = models.CharField(max_length=60, unique=True)

    def __str__(self) -> str:
        return self.name


class TagQuerySet(models.QuerySet["Tag"]):
    """Sets of tags."""

    def called(self, name: str) -> "Tag":
        """Find the tag of a name, however it is capitalised, or set it up in the shop's own group."""
        found = self.filter(name__iexact=name).order_by("pk").first()
        if found:
            return found
        group, _new = TagGroup.objects.get_or_create(name=TagGroup.OWN)
        return self.get_or_create(group=group, name=name)[0]

    def under(self, group: str, name: str) -> "Tag":
        """Find the tag of a name in a group, or set up both."""
        heading, _new = TagGroup.objects.get_or_create(name=group)
        return self.get_or_create(group=heading, name=name)[0]


class Tag(models.Model):
    """One word the shop uses to describe people."""

    PREFIX: ClassVar = "tag"

    group = models.ForeignKey(TagGroup, models.PROTECT, related_name="tags")
    name = models.CharField(max_length=60)

    objects = TagQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("group", "name", name="tag_once_per_group")]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        """The id others see."""
        return public_id(self.PREFIX, self.pk)


class TaggingQuerySet(models.QuerySet["Tagging"]):
    """Sets of taggings."""

    def current_on(self, day: date) -> Self:
        """Keep those not expired on a day."""
        return self.filter(models.Q(expires_on=None) | models.Q(expires_on__gte=day))


class Tagging(CustomerFact):
    """One person carrying one tag."""

    class Origin(models.TextChoices):
        """Who or what put it there."""

        MANUAL = "manual", _("Manual")
        RULE = "rule", _("Rule")
        MODEL = "model", _("Model")
        TEXT = "text", _("Text")

    tag = models.ForeignKey(Tag, models.PROTECT, related_name="taggings", db_index=False)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.MANUAL)
    by = models.ForeignKey(STAFF, models.PROTECT, null=True, blank=True, related_name="+")
    tagged_at = models.DateTimeField(default=timezone.now)
    expires_on = models.DateField(null=True, blank=True)

    objects = TaggingQuerySet.as_manager()
    exported_fields: ClassVar = ("tag", "origin", "tagged_at", "expires_on")

    class Meta:
        constraints = [models.UniqueConstraint("customer", "tag", name="tagging_once_per_customer")]
        indexes = [*CustomerFact.Meta.indexes, models.Index("tag", "customer", name="tagging_by_tag")]

    def __str__(self) -> str:
        return str(self.tag)

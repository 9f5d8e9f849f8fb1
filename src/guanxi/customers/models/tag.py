"""Tags in groups, and who carries them."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Self

from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.errors import Refused
from guanxi.core.ids import public_id
from guanxi.customers.models.customer import STAFF, CustomerFact


class TagRetired(Refused):
    """A tag or its group is retired, so nobody gets it any more."""


class NotExclusive(Refused):
    """Somebody carries two tags of a group of which one is allowed."""


class NotMergeable(Refused):
    """Two tags cannot become one."""


class TagGroup(models.Model):
    """A heading under which tags stand, such as taste or service; of an exclusive one a person carries one at most."""

    OWN: ClassVar = "own"  # where words stand that staff made up on a customer's page

    name = models.CharField(max_length=60, unique=True)
    colour = models.PositiveSmallIntegerField(default=0)
    is_exclusive = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """What it is called on pages."""
        return str(_("Words of our own")) if self.name == self.OWN else self.name

    @classmethod
    @transaction.atomic
    def form(cls, told: Mapping[str, Any], *, by: Staff) -> "TagGroup":
        """Set a group up."""
        group = cls.objects.create(**told)
        AuditEntry.write("taggroup.formed", by=by, on=group, changes={k: (None, v) for k, v in told.items() if v})
        return group

    @transaction.atomic
    def change(self, told: Mapping[str, Any], *, by: Staff) -> list[str]:
        """Change what it is called, its colour, whether it is exclusive; NotExclusive where somebody carries two."""
        now = type(self).objects.select_for_update().get(pk=self.pk)
        changes = {name: (getattr(now, name), value) for name, value in told.items() if getattr(now, name) != value}
        for name, (_was, value) in changes.items():
            setattr(self, name, value)
        if changes:
            self.save(update_fields=list(changes))
            AuditEntry.write("taggroup.changed", by=by, on=self, changes=changes)
        if "is_exclusive" in changes:
            Tagging.objects.filter(tag__group=self).bound_to(self)
        return list(changes)

    @transaction.atomic
    def retire(self, *, by: Staff) -> None:
        """Have nobody get its tags any more; who carries one keeps it."""
        if type(self).objects.filter(pk=self.pk, retired_at=None).update(retired_at=timezone.now()):
            AuditEntry.write("taggroup.retired", by=by, on=self)

    @transaction.atomic
    def restore(self, *, by: Staff) -> None:
        """Have its tags given again; does nothing where they are."""
        if type(self).objects.filter(pk=self.pk, retired_at__isnull=False).update(retired_at=None):
            AuditEntry.write("taggroup.restored", by=by, on=self)


class TagQuerySet(models.QuerySet["Tag"]):
    """Sets of tags."""

    def in_use(self) -> Self:
        """Keep those that can be given: neither they nor their group is retired."""
        return self.filter(retired_at=None, group__retired_at=None)

    def called(self, name: str) -> "Tag":
        """Find the tag of a name, however it is capitalised, or set it up in the shop's own group."""
        known = self.select_related("group").filter(name__iexact=name).order_by("pk")
        found = known.in_use().first() or known.first()
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
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = TagQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("group", "name", name="tag_once_per_group")]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        """The id others see."""
        return public_id(self.PREFIX, self.pk)

    @property
    def bound_to(self) -> int | None:
        """The group of which whoever carries this tag may carry no other; None where there is no such rule."""
        return self.group_id if self.group.is_exclusive else None

    def check_in_use(self) -> None:
        """Raise TagRetired where nobody gets this tag any more."""
        if self.retired_at or self.group.retired_at:
            said = gettext(
                "“%(tag)s” is retired, so nobody gets it any more. The owner can bring it back in the settings."
            )
            raise TagRetired(said % {"tag": self.name})

    @classmethod
    @transaction.atomic
    def coin(cls, name: str, group: TagGroup, *, by: Staff) -> "Tag":
        """Set a tag up in a group; does nothing where it has one of this name."""
        tag, new = cls.objects.get_or_create(group=group, name=name)
        if new:
            AuditEntry.write("tag.coined", by=by, on=tag, changes={"name": (None, name), "group": (None, group.name)})
        return tag

    @transaction.atomic
    def change(self, name: str, group: TagGroup, *, by: Staff) -> bool:
        """Call it otherwise, or put it into another group; NotExclusive where somebody would carry two of one."""
        changes = {"name": (self.name, name), "group": (self.group.name, group.name)}
        changes = {word: pair for word, pair in changes.items() if pair[0] != pair[1]}
        if changes:
            self.name, self.group = name, group
            self.save(update_fields=["name", "group"])
            Tagging.objects.filter(tag=self).bound_to(group)
            AuditEntry.write("tag.changed", by=by, on=self, changes=changes)
        return bool(changes)

    @transaction.atomic
    def retire(self, *, by: Staff) -> None:
        """Have nobody get it any more; who carries it keeps it."""
        if type(self).objects.filter(pk=self.pk, retired_at=None).update(retired_at=timezone.now()):
            AuditEntry.write("tag.retired", by=by, on=self)

    @transaction.atomic
    def restore(self, *, by: Staff) -> None:
        """Have it given again; does nothing where it is."""
        if type(self).objects.filter(pk=self.pk, retired_at__isnull=False).update(retired_at=None):
            AuditEntry.write("tag.restored", by=by, on=self)

    @transaction.atomic
    def merge_into(self, other: "Tag", *, by: Staff) -> int:
        """Have everybody who carries this tag carry another instead, and retire it; says how many it moved."""
        if other.pk == self.pk or (other.group.is_exclusive and other.group_id != self.group_id):
            said = gettext("“%(tag)s” stands in another group of which people carry one only. Merge within the group.")
            raise NotMergeable(said % {"tag": other.name})
        other.check_in_use()
        both = Tagging.objects.filter(tag=other, customer=OuterRef("customer"))
        mine = Tagging.objects.filter(tag=self)
        mine.filter(Exists(both)).delete()
        moved = mine.update(tag=other, exclusive_group=other.bound_to)
        AuditEntry.write("tag.merged", by=by, on=self, changes={"into": (None, other.name), "people": (None, moved)})
        self.retire(by=by)
        return moved


class TaggingQuerySet(models.QuerySet["Tagging"]):
    """Sets of taggings."""

    def current_on(self, day: date) -> Self:
        """Keep those not expired on a day."""
        return self.filter(models.Q(expires_on=None) | models.Q(expires_on__gte=day))

    def bound_to(self, group: TagGroup) -> None:
        """Have them obey a group's rule, in the caller's transaction; NotExclusive where somebody carries two."""
        try:
            with transaction.atomic():
                self.update(exclusive_group=group.pk if group.is_exclusive else None)
        except IntegrityError:
            said = gettext(
                "Somebody carries two tags of “%(group)s”, so one alone cannot be allowed. Take tags off first."
            )
            raise NotExclusive(said % {"group": group.title}) from None


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
    exclusive_group = models.ForeignKey(
        TagGroup, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )  # the tag's group, where that is exclusive: a person may carry one tag of it

    objects = TaggingQuerySet.as_manager()
    exported_fields: ClassVar = ("tag", "origin", "tagged_at", "expires_on")

    class Meta:
        constraints = [
            models.UniqueConstraint("customer", "tag", name="tagging_once_per_customer"),
            models.UniqueConstraint(
                fields=["customer", "exclusive_group"], condition=models.Q(exclusive_group__isnull=False),
                name="tagging_one_of_exclusive_group",
            ),
        ]  # fmt: skip
        indexes = [*CustomerFact.Meta.indexes, models.Index("tag", "customer", name="tagging_by_tag")]

    def __str__(self) -> str:
        return str(self.tag)

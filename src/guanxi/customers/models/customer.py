"""The golden record, and what every fact about a person has in common."""

from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.errors import Refused
from guanxi.core.ids import key_of, public_id
from guanxi.pages.spelling import LATER, KeyField, begins, folded, given, initials, later, sounded
from guanxi.warehouse.models import LakeSource

if TYPE_CHECKING:
    from guanxi.customers.models.consent import Consent, Proof
    from guanxi.customers.models.note import Note
    from guanxi.customers.models.profile import SourceProfile
    from guanxi.customers.models.tag import Tag, Tagging

    Fact = TypeVar("Fact", bound="CustomerFact")


UNDO_LIFE = timedelta(minutes=10)
KEY_LETTERS = 64
FEW_LETTERS = 16


class TooLateToUndo(Refused):
    """A slip of the hand can be taken back for a while, by whoever made it; after that it is history."""


class Gender(models.TextChoices):
    """What a person or a source said; empty where nobody did."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    OTHER = "other", _("Other")


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Sets of customers."""

    def visible_to(self, user: Staff | AnonymousUser) -> Self:
        """Keep those this member of staff may see: every golden record where the role allows it, else none."""
        may = isinstance(user, Staff) and user.may("customers.view")
        return self.filter(survivor=None) if may else self.none()

    def survivor_of(self, pk: int) -> "Customer | None":
        """Follow a merged customer to the one who took its place; None where there is no such merge."""
        survivor = self.filter(merged=pk).first()
        while survivor is not None and survivor.survivor_id:
            survivor = self.filter(pk=survivor.survivor_id).first()
        return survivor

    def create(self, **kwargs: Any) -> "Customer":
        """Add one; a name brings its spellings along."""
        return super().create(**spelled(kwargs))

    def update(self, **changes: Any) -> int:
        """Change them; a name brings its spellings along."""
        return super().update(**spelled(changes))

    def named(self, text: str) -> Self:
        """Keep those whose name, one of its words, pinyin or initials begin with the text."""
        ways = ways_of_calling(text)
        return self.filter(reduce(or_, ways)) if ways else self.none()

    def identified_by(self, *digests: str) -> Self:
        """Keep those one of whose profiles carries one of these blind indexes of identifiers."""
        owners = self.model.objects.filter(profiles__identifiers__digest__in=digests)
        return self.filter(pk__in=owners.values("pk"))

    def in_class(self, label: str) -> Self:
        """Keep those whose RFM class this is."""
        return self.filter(scores__name="rfm", scores__label=label)

    def in_band(self, letter: str, band: int) -> Self:
        """Keep those whose band of recency, frequency or monetary (`r`, `f`, `m`) this is."""
        return self.filter(**{"scores__name": "rfm", f"scores__{letter}": band})

    def reachable_by(self, channel: str, purpose: str = "marketing") -> Self:
        """Keep those whose consent to a purpose by `channel` is in force."""
        return self.filter(consents__channel=channel, consents__purpose=purpose, consents__withdrawn_at=None)


class Customer(LakeSource):
    """A person or firm that buys from us: one golden record per identity."""

    PREFIX: ClassVar = "cus"

    name = models.CharField(max_length=200, blank=True, default="")
    sort_name = KeyField(max_length=KEY_LETTERS, blank=True, default="", db_default="", editable=False)
    folded_name = KeyField(max_length=KEY_LETTERS, blank=True, default="", db_default="", editable=False)
    given_name = KeyField(max_length=KEY_LETTERS, blank=True, default="", db_default="", editable=False)
    initials = KeyField(max_length=FEW_LETTERS, blank=True, default="", db_default="", editable=False)
    third_word = KeyField(max_length=KEY_LETTERS, null=True, editable=False)
    fourth_word = KeyField(max_length=KEY_LETTERS, null=True, editable=False)
    last_word = KeyField(max_length=KEY_LETTERS, null=True, editable=False)
    gender = models.CharField(max_length=10, choices=Gender, blank=True, default="")
    birthday = models.DateField(null=True, blank=True)
    province = models.CharField(max_length=100, blank=True, default="")
    city = models.CharField(max_length=100, blank=True, default="")
    country = models.CharField(max_length=100, blank=True, default="")
    first_source = models.CharField(max_length=40, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    survivor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False)
    erased_at = models.DateTimeField(null=True, blank=True)
    import_id = models.BigIntegerField(null=True, blank=True)

    objects = CustomerQuerySet.as_manager()

    class Meta(LakeSource.Meta):
        indexes = [
            *LakeSource.Meta.indexes,
            # of the merged alone: SQLite would take a whole index for "not merged", and sort everybody by itself
            models.Index(fields=["survivor"], condition=models.Q(survivor__isnull=False), name="customer_merged"),
            # with the survivor in each, so that who is called so is told and counted by the index alone
            models.Index("sort_name", "id", "survivor", name="customer_by_sound"),
            models.Index("folded_name", "survivor", name="customer_by_name", include=["id"]),
            models.Index("given_name", "survivor", name="customer_by_given_name", include=["id"]),
            models.Index("initials", "survivor", name="customer_by_initials", include=["id"]),
            *(  # few names have so many words, and only those are in these
                models.Index(
                    *(word, "survivor"),
                    name=f"customer_by_{word}",
                    condition=models.Q(**{f"{word}__isnull": False}),
                    include=["id"],
                )
                for word in LATER
            ),
            models.Index(fields=["-created_at", "-id"], name="customer_newest"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(survivor=models.F("id")), name="customer_not_own_survivor")
        ]

    def __str__(self) -> str:
        return self.name or self.public_id

    @property
    def public_id(self) -> str:
        """The id others see, such as `cus_9WDVSQ5ZMMZ0N`."""
        return public_id(self.PREFIX, self.pk)

    @property
    def person_key(self) -> int:
        """Whose key seals what append-only records say of this person."""
        return self.pk

    @classmethod
    def key_of(cls, word: str) -> int | None:
        """Read a public id or a plain number; None where it is neither."""
        return int(word) if word.isascii() and word.isdigit() else key_of(cls.PREFIX, word)

    @transaction.atomic
    def annotate_with(self, text: str, *, by: Staff) -> "Note":
        """Write a note about this person."""
        note = self.notes.create(text=text, by=by, profile=self.house_profile)
        self.record("Note Added", note=note.pk, by=by.pk)
        self.audit("note_added", by=by, note=(None, text))
        return note

    @transaction.atomic
    def opt_in(
        self,
        channel: str,
        *,
        source: str,
        by: Staff | None = None,
        purpose: str = "marketing",
        proof: "Proof | None" = None,
    ) -> "Consent":
        """Write down a consent and what proves it; does nothing where one is in force."""
        consent, new = self.consents.get_or_create(
            channel=channel,
            purpose=purpose,
            withdrawn_at=None,
            defaults={"source": source, "profile": self.house_profile, "asked_by": proof.wording if proof else None},
        )
        if new:
            self._overrule(consent)
            consent.prove_by(proof.words if proof else "")
            self.record("Consent Given", channel=channel, purpose=purpose, by=by and by.pk)
            self.audit("consent_given", by=by, **{f"{channel}.{purpose}": (False, True)})
        return consent

    @transaction.atomic
    def opt_out(self, channel: str, *, by: Staff | None = None, purpose: str = "marketing") -> None:
        """Withdraw the consent to a purpose by `channel`, of all identities; does nothing where none is in force."""
        if self.consents.filter(channel=channel, purpose=purpose).withdraw(by=by):
            waiting = self.waiting(self.consents.model).filter(channel=channel, purpose=purpose, withdrawn_at=None)
            waiting.update(withdrawn_at=timezone.now(), withdrawn_by=by)
            self.record("Consent Withdrawn", channel=channel, purpose=purpose, by=by and by.pk)
            self.audit("consent_withdrawn", by=by, **{f"{channel}.{purpose}": (True, False)})

    @transaction.atomic
    def tag_with(self, tag: "Tag", *, by: Staff) -> "Tagging":
        """Put a tag on this person; does nothing where they carry it. Of an exclusive group it takes the other off."""
        found = self.taggings.filter(tag=tag).first()
        if found:
            return found
        tag.check_in_use()
        if tag.bound_to:
            type(self).objects.select_for_update().get(pk=self.pk)  # a second tag of the group waits here
            for other in self.taggings.filter(exclusive_group=tag.bound_to).exclude(tag=tag):
                self.untag(other.tag_id, by=by)
            self.waiting(self.taggings.model).filter(exclusive_group=tag.bound_to).delete()
        bound = {"exclusive_group_id": tag.bound_to, "by": by, "profile": self.house_profile}
        tagging, new = self.taggings.get_or_create(tag=tag, defaults=bound)
        if new:
            self.record("Tag Added", tag=tag.pk, tag_name=tag.name, by=by.pk)
            self.audit("tagged", by=by, tag=(None, tag.name))
        return tagging

    @transaction.atomic
    def untag(self, tag_id: int, *, by: Staff) -> None:
        """Take a tag off this person; does nothing where they do not carry it."""
        tagging = self.taggings.select_related("tag").filter(tag=tag_id).first()
        if tagging:
            tagging.delete()
            self.waiting(type(tagging)).filter(tag=tag_id).delete()
            self.record("Tag Removed", tag=tag_id, tag_name=tagging.tag.name, by=by.pk)
            self.audit("untagged", by=by, tag=(tagging.tag.name, None))

    def record(self, name: str, *, at: datetime | None = None, source: str = "guanxi", **properties: Any) -> None:
        """Append an event to the stream, in the transaction of the change it tells of."""
        self.events.create(
            name=name,
            occurred_at=at or timezone.now(),
            source=source,
            properties=properties,
            profile=self.house_profile,
        )

    def audit(self, act: str, *, by: Staff | None, **changes: tuple[Any, Any]) -> None:
        """Write a change of this person into the audit trail, each field as it was and as it is."""
        AuditEntry.write(f"customer.{act}", by=by, on=self, changes=changes)

    @property
    def house_profile(self) -> "SourceProfile | None":
        """The profile that facts made by our own staff belong to."""
        return self.founders.first()

    def waiting(self, facts: "type[Fact]") -> "models.QuerySet[Fact]":
        """Give what another identity of this person said and what waits behind what stands, until an unmerge."""
        return facts._default_manager.filter(profile__customer=self).exclude(customer=self)  # noqa: SLF001

    def _overrule(self, consent: "Consent") -> None:
        """Have a consent hold although another identity of this person took theirs back: they agreed again."""
        others = self.consents.filter(channel=consent.channel, purpose=consent.purpose, overruled_by=None)
        others.exclude(profile=consent.profile).exclude(withdrawn_at=None).update(overruled_by=consent)

    def age_on(self, day: date) -> int | None:
        """Full years on a day, where the birthday is known."""
        if self.birthday is None:
            return None
        return day.year - self.birthday.year - ((day.month, day.day) < (self.birthday.month, self.birthday.day))


class CustomerFact(models.Model):
    """A row about a person.

    `profile` is who it was said of and never changes; `customer` follows merges and unmerges. Both are empty where
    nobody is known: a guest's order, an unknown device's event. Concrete classes say what a person's export
    holds and what an erasure blanks.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="%(class)ss")
    profile = models.ForeignKey(
        "customers.SourceProfile", models.PROTECT, null=True, blank=True, related_name="%(class)ss", db_index=False
    )

    exported_fields: ClassVar[tuple[str, ...]] = ()
    erased_fields: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True
        indexes = [  # asked for each profile that goes: without it, every row is read
            models.Index(fields=["profile"], condition=models.Q(profile__isnull=False), name="%(class)s_of_profile")
        ]


def spellings_of(name: str) -> dict[str, str | None]:
    """Spell a name in the ways it is looked for, by the columns they stand in.

    Letters alone are found by their sound, so that their index of written names holds only what needs one.
    """
    written = folded(name)
    return {
        "sort_name": sounded(name)[:KEY_LETTERS],
        "folded_name": "" if written.isascii() else written[:KEY_LETTERS],
        "given_name": given(name)[:KEY_LETTERS],
        "initials": initials(name)[:FEW_LETTERS],
        **{column: start and start[:KEY_LETTERS] for column, start in later(name).items()},
    }


def ways_of_calling(text: str) -> list[models.Q]:
    """Give the columns in which a name may begin with a text, each a range of its own index."""
    start = folded(text)[:KEY_LETTERS]
    if not start:
        return []
    written = ("sort_name", "initials") if start.isascii() else ("folded_name",)
    starts = {"initials": start[:FEW_LETTERS]}
    return [begins(column, starts.get(column, start)) for column in (*written, "given_name", *LATER)]


def spelled(changes: dict[str, Any]) -> dict[str, Any]:
    """Add its spellings to a name that is written."""
    return {**changes, **spellings_of(changes["name"])} if isinstance(changes.get("name"), str) else changes


def check_undo(at: datetime) -> None:
    """Raise TooLateToUndo where an act is no slip of the hand any more."""
    if timezone.now() - at > UNDO_LIFE:
        raise TooLateToUndo(gettext("This can be undone for ten minutes only. Change it on the customer's page."))


STAFF = settings.AUTH_USER_MODEL

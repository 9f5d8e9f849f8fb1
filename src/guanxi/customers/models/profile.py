"""What single sources know of people, and the log of which of them are one person."""

from collections.abc import Iterator
from typing import Any, ClassVar, Self

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.customers.models.customer import STAFF, Customer
from guanxi.guard.sealing import blind_index, context, seal, unseal
from guanxi.warehouse.models import LakeSource

ENDING_DIGITS = 4


class SourceProfileQuerySet(models.QuerySet["SourceProfile"]):
    """Sets of profiles."""

    def seen_by(self, source: str, store: str) -> Self:
        """Keep those one source saw in one store."""
        return self.filter(source=source, store=store)

    def people(self) -> Self:
        """Leave out devices, which stand for nobody by themselves."""
        return self.filter(is_device=False)

    def origins(self) -> Iterator[tuple[str, str]]:
        """Give every source with each of its stores; leaps through the index, however many profiles there are."""
        for source in self._leaps("source"):
            yield from ((source, store) for store in self._leaps("store", source=source))

    def _leaps(self, column: str, **within: str) -> list[str]:
        """Give the values of a column, each found in the index behind the one before it."""
        table, where = self.model._meta.db_table, " and ".join(["true", *(f"{name} = %s" for name in within)])  # noqa: SLF001
        least = f"select min({column}) from {table} where {where}"  # noqa: S608 - names of our own
        query = f"""
            with recursive leap(value) as (
                {least} union all select ({least} and {column} > leap.value) from leap where leap.value is not null
            )
            select value from leap where value is not null
        """  # noqa: S608 - as above
        with connection.cursor() as cursor:
            cursor.execute(query, [*within.values(), *within.values()])
            return [value for (value,) in cursor]


class SourceProfile(LakeSource):
    """One source's view of one person: a buyer of one store, a row of a member file. Never merged.

    `home` is the customer whom this profile founded, or who was founded for it when it was split off; it is set once.
    Who joined somebody has none. `customer` is whose it is now, which merges and unmerges move. `told` is what a joiner
    says of the person beside the name, as JSON by the names of attributes with the import that said it: what a founder
    says stands in its customer's row. A device, such as a browser, is a profile too; it founds nobody, says nothing and
    is nobody's until a single customer was seen on it.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="profiles")
    source = models.CharField(max_length=40)
    store = models.CharField(max_length=40, blank=True, default="")
    key = models.CharField(max_length=128)
    name = models.CharField(max_length=200, blank=True, default="")
    home = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="founders", db_index=False, editable=False
    )
    first_seen_at = models.DateTimeField(default=timezone.now)
    told = models.JSONField(null=True, blank=True, editable=False)
    is_device = models.BooleanField(default=False, db_default=False, editable=False)

    objects = SourceProfileQuerySet.as_manager()

    class Meta(LakeSource.Meta):
        constraints = [
            models.UniqueConstraint("source", "store", "key", name="profile_once_per_source"),
            models.UniqueConstraint(fields=["home"], condition=models.Q(home__isnull=False), name="profile_one_house"),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.store}:{self.key}"


class IdentifierQuerySet(models.QuerySet["Identifier"]):
    """Sets of identifiers."""

    def ending_with(self, digits: str) -> Self:
        """Keep the phones that end with these four digits."""
        return self.filter(ending=Identifier.ending_of(Identifier.Kind.PHONE, f"+{digits}"), ending__isnull=False)

    def strong(self) -> Self:
        """Keep those that may join profiles into one person."""
        return self.filter(strength=Identifier.Strength.STRONG, ends_on=None)


class Identifier(models.Model):
    """One word by which a source knows a person: a phone number, an e-mail, a buyer's id.

    Phones and e-mails stand in `sealed`, everything else in `value`; `digest` is the keyed blind index over namespace,
    scope, kind and value, so that equal identifiers meet without being readable. `ending` is the keyed index of the
    last four digits of a phone.
    """

    class Kind(models.TextChoices):
        """Which word it is, strongest first."""

        PHONE = "phone", _("Phone")
        UNIONID = "unionid", _("WeChat unionid")
        EMAIL = "email", _("E-mail")
        OPENID = "openid", _("WeChat openid")
        OMID = "omid", _("Brand member (omid)")
        OUID = "ouid", _("Shop buyer (ouid)")
        JD_PIN = "jd_pin", _("JD pin")
        JD_OPENID = "jd_openid", _("JD openId")
        MEMBER_CARD = "member_card", _("Member card")
        EXTERNAL_ID = "external_id", _("Customer number")
        DEVICE = "device", _("Device")
        OAID = "oaid", _("Advertising id (OAID)")

    class Strength(models.TextChoices):
        """Whether it may join people."""

        STRONG = "strong", _("Strong")
        WEAK = "weak", _("Weak")

    GLOBAL: ClassVar = frozenset({Kind.PHONE, Kind.EMAIL, Kind.UNIONID})

    profile = models.ForeignKey(SourceProfile, models.CASCADE, related_name="identifiers")
    namespace = models.CharField(max_length=40, blank=True, default="")
    scope = models.CharField(max_length=40, blank=True, default="")
    kind = models.CharField(max_length=20, choices=Kind)
    value = models.CharField(max_length=254, blank=True, default="")
    sealed = models.BinaryField(null=True, blank=True)
    digest = models.CharField(max_length=32)
    ending = models.CharField(max_length=16, null=True, editable=False)  # noqa: DJ001 - only phones have one
    strength = models.CharField(max_length=10, choices=Strength, default=Strength.STRONG)
    ends_on = models.DateField(null=True, blank=True)

    objects = IdentifierQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("profile", "digest", name="identifier_once_per_profile")]
        indexes = [
            models.Index("digest", name="identifier_digest"),
            models.Index("ending", name="identifier_ending", condition=models.Q(ending__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of profile {self.profile_id}"

    @classmethod
    def digest_of(cls, kind: str, value: str, *, namespace: str = "", scope: str = "") -> str:
        """The blind index of an identifier, as 32 hexadecimal digits; phones come in E.164."""
        within = kind if kind in cls.GLOBAL else f"{kind}\x1f{namespace}\x1f{scope}"
        return blind_index(within, value).hex()

    @classmethod
    def sealed_of(cls, kind: str, value: str) -> Self:
        """Make an unsaved identifier whose value is sealed: a phone in E.164 or an e-mail."""
        digest = cls.digest_of(kind, value)
        return cls(kind=kind, digest=digest, ending=cls.ending_of(kind, value), sealed=seal(value, cls.place(digest)))

    @classmethod
    def ending_of(cls, kind: str, value: str) -> str | None:
        """The blind index of the last four digits of a phone, as 16 hexadecimal digits; None of anything else."""
        if kind != cls.Kind.PHONE or len(value) <= ENDING_DIGITS:
            return None
        return blind_index("phone ending", value[-ENDING_DIGITS:]).hex()[:16]

    @classmethod
    def place(cls, digest: str) -> str:
        """Name the place a sealed value of this digest stands in."""
        return context("customers_identifier", digest, "sealed")

    @property
    def plain(self) -> str:
        """The value itself; show it only masked, or to whom the role and a reason allow it."""
        return self.opened(self.value, self.sealed, self.digest)

    @classmethod
    def opened(cls, value: str, sealed: Any, digest: str) -> str:
        """Open the value of an identifier of which only these columns were read."""
        return unseal(sealed, cls.place(digest)) if sealed else value


class MergeLog(models.Model):
    """One link or unlink of a profile and a customer: append-only, so that every merge can be taken back."""

    class Act(models.TextChoices):
        """What happened."""

        LINKED = "linked", _("Linked")
        UNLINKED = "unlinked", _("Unlinked")

    act = models.CharField(max_length=10, choices=Act)
    profile = models.ForeignKey(SourceProfile, models.CASCADE, related_name="merge_log")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="merge_log")
    rule = models.CharField(max_length=40)
    by = models.ForeignKey(STAFF, models.PROTECT, null=True, blank=True, related_name="+")
    evidence = models.BinaryField(null=True, blank=True)
    merge_id = models.BigIntegerField(null=True, blank=True)  # the merge, unmerge or split of identity it belongs to
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index("merge_id", name="mergelog_of_merge", condition=models.Q(merge_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"profile {self.profile_id} {self.act} customer {self.customer_id} by {self.rule}"

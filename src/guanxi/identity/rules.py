"""Who is who: which identifiers join people and within which limits, and which of several sayings a customer shows.

The rules are a value; every change of them is kept as a version. Values that are blocked stand sealed in it.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.errors import BadInput, Refused
from guanxi.customers.models import Identifier
from guanxi.guard.sealing import context, seal, unseal
from guanxi.identity.partition import Joining

Kind = Identifier.Kind
NEVER = frozenset({Kind.OAID.value})  # expire and pass from hand to hand: no rule makes them join
KINDS = tuple(kind.value for kind in Kind if kind.value not in NEVER)
MOST = 200  # profiles that one identifier may have at all
MOST_BLOCKED = 500
USUAL_SHARED, MOST_SHARED = 6, 50  # a family with its grandparents; more would draw a company as one
USUAL = {kind: 20 for kind in KINDS if kind != Kind.DEVICE} | {Kind.UNIONID.value: 50}
BLOCKABLE = (Kind.PHONE.value, Kind.EMAIL.value, Kind.UNIONID.value, Kind.MEMBER_CARD.value)
PLACEHOLDERS = (
    ("phone", "+8613800138000"),
    ("phone", "+8613800000000"),
    ("phone", "+8613000000000"),
    ("email", "test@test.com"),
    ("email", "none@none.com"),
)
ATTRIBUTES = ("name", "gender", "birthday", "place")  # a place is its province, city and country together


class Survivorship(models.TextChoices):
    """Which of several sayings a customer shows."""

    NEWEST = "newest", gettext_lazy("The newest")
    TRUSTED = "trusted", gettext_lazy("The most trusted source")
    FREQUENT = "frequent", gettext_lazy("What most say")


class BadRules(BadInput):
    """The rules of who is who contradict themselves."""


class OtherRulesMeanwhile(Refused):
    """The rules that a change was made from are not in force any more."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Rules of who is who.

    `limits` are of the kinds that join; `blocked` are kinds with values in normal form; `trusted` are sources, the most
    trusted first; `threshold` is the likelihood in percent from which duplicates are merged without being asked about;
    `shared` is by how many people an address, a phone or a device may be shared at most to relate them.
    """

    limits: Mapping[str, int] = field(default_factory=lambda: dict(USUAL))
    blocked: tuple[tuple[str, str], ...] = PLACEHOLDERS
    survivorship: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(ATTRIBUTES, "newest"))
    trusted: tuple[str, ...] = ()
    threshold: int | None = None
    shared: int = USUAL_SHARED
    provider_rules: bool = False

    @cached_property
    def joining(self) -> Joining:
        """What the partition has to know."""
        ordered = {kind: self.limits[kind] for kind in KINDS if kind in self.limits}
        return Joining(limits=ordered, blocked=frozenset(Identifier.digest_of(kind, v) for kind, v in self.blocked))

    def faults(self) -> Iterator[str]:
        """Say what is wrong with them, in sentences."""
        if strange := sorted(set(self.limits) - set(KINDS)):
            yield _("%(kind)s never joins people.") % {"kind": strange[0]}
        if any(not 2 <= limit <= MOST for limit in self.limits.values()):
            yield _("A limit is a whole number from 2 to %(most)s.") % {"most": MOST}
        if len(self.blocked) > MOST_BLOCKED or any(kind not in BLOCKABLE for kind, _value in self.blocked):
            yield _("Block phones, e-mails, unionids and member cards, %(most)s at most.") % {"most": MOST_BLOCKED}
        if set(self.survivorship) != set(ATTRIBUTES) or set(self.survivorship.values()) - set(Survivorship):
            yield _("Say for every attribute which saying is shown.")
        if not 2 <= self.shared <= MOST_SHARED:
            yield _("From 2 to %(most)s people may share an address.") % {"most": MOST_SHARED}
        if self.threshold is not None and not 80 <= self.threshold <= 100:
            yield _("Duplicates are merged by themselves from 80 to 100 percent, or not at all.")

    def kept(self) -> dict[str, Any]:
        """Write them as JSON; the blocked values are sealed."""
        blocked = [[kind, b64encode(seal(value, _place(kind))).decode()] for kind, value in self.blocked]
        return asdict(self) | {"blocked": blocked, "trusted": list(self.trusted)}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Read what `kept` wrote."""
        blocked = tuple((kind, unseal(b64decode(sealed), _place(kind))) for kind, sealed in kept["blocked"])
        return replace(cls(**{**kept, "blocked": ()}), blocked=blocked, trusted=tuple(kept["trusted"]))


def _place(kind: str) -> str:
    return context("identity_ruleset", kind, "blocked")


class RuleSetQuerySet(models.QuerySet["RuleSet"]):
    """Versions of the rules."""

    def newest_first(self) -> Self:
        """Order from the rules in force back to the first."""
        return self.order_by("-version")

    @transaction.atomic
    def adopt(self, rules: Rules, *, by: Staff | None = None, over: int | None = None) -> "RuleSet":
        """Put rules in force as a new version; the same rules again change nothing.

        `over` is the version they were made from: OtherRulesMeanwhile where another is in force by now. BadRules where
        they are faulty.
        """
        if faults := list(rules.faults()):
            raise BadRules(" ".join(faults))
        RuleSet.current()
        last = self.select_for_update().newest_first()[:1].get()
        if last.rules == rules:
            return last
        if over is not None and last.version != over:
            raise OtherRulesMeanwhile(_("Somebody saved other rules meanwhile. Look at them, then save again."))
        made = self.create(version=last.version + 1, kept=rules.kept(), by=by)
        AuditEntry.write("identity.adopted", by=by, on=made, changes={"version": (last.version, made.version)})
        return made


class RuleSet(models.Model):
    """One version of the rules of who is who. Append-only."""

    PREFIX: ClassVar = "rules"

    version = models.PositiveIntegerField(unique=True)
    kept = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = RuleSetQuerySet.as_manager()

    def __str__(self) -> str:
        return f"who is who {self.version}"

    @classmethod
    def current(cls) -> "RuleSet":
        """Find the rules in force; the first question writes the usual ones down as version 1."""
        found = cls.objects.newest_first().first()
        return found or cls.objects.get_or_create(version=1, defaults={"kept": Rules().kept()})[0]

    @cached_property
    def rules(self) -> Rules:
        """The rules as a value."""
        return Rules.of(self.kept)


def adopt(rules: Rules, *, by: Staff | None, over: int | None = None) -> RuleSet:
    """Put rules in force and have everybody found anew by them, in one transaction; the same again do nothing."""
    from guanxi.identity.tasks import resolve_everybody  # noqa: PLC0415 - models are not there when tasks load

    with transaction.atomic():
        before = RuleSet.current()
        adopted = RuleSet.objects.adopt(rules, by=by, over=over)
        if adopted != before:
            was = before.rules
            retell = (was.survivorship, was.trusted) != (rules.survivorship, rules.trusted)
            resolve_everybody.enqueue(retell=retell)
    return adopted


_read: dict[Any, Rules] = {}


def in_force() -> Rules:
    """Give the rules in force; a version is opened once a process, since it never changes."""
    newest = RuleSet.objects.newest_first().values_list("pk", "created_at").first()
    newest = newest or (RuleSet.current().pk, RuleSet.current().created_at)
    if newest not in _read:
        _read.clear()
        _read[newest] = RuleSet.objects.get(pk=newest[0]).rules
    return _read[newest]

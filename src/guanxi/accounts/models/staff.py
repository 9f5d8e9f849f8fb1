"""Staff and how they come in: accounts, the one-time owner link, and the count of failed sign-ins."""

import datetime as dt
import hashlib
import secrets
from functools import cached_property
from typing import Any, Self

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.accounts.models.audit import AuditEntry
from guanxi.accounts.models.role import RoleRules
from guanxi.accounts.models.rule import FIRST_DAY, SecondFactorRule
from guanxi.accounts.models.session import Session
from guanxi.accounts.roles import Role
from guanxi.core.errors import Refused

LINK_LIFE = dt.timedelta(days=1)
ATTEMPTS = {"name_digest": 10, "address": 50}  # failures allowed in the window, per name and per address
WINDOW = dt.timedelta(minutes=15)


class LinkSpent(Refused):
    """The one-time link was used, has expired, or an owner exists already."""


class TooManyAttempts(Refused):
    """Too many wrong passwords; a while has to pass."""


class LastOwner(Refused):
    """A shop without an owner could not be given to anybody any more."""


class Theme(models.TextChoices):
    """Light or dark."""

    SYSTEM = "system", gettext_lazy("As the device")
    LIGHT = "light", gettext_lazy("Light")
    DARK = "dark", gettext_lazy("Dark")


class StaffQuerySet(models.QuerySet["Staff"]):
    """Sets of staff."""

    def get_by_natural_key(self, name: str) -> "Staff":
        """Find who signs in under a name; capitals do not matter."""
        return self.get(sign_in_name=sign_in_form(name))

    async def aget_by_natural_key(self, name: str) -> "Staff":
        """Find the same, from asynchronous code."""
        return await self.aget(sign_in_name=sign_in_form(name))

    def owners(self) -> Self:
        """Keep the owners."""
        return self.filter(role=Role.OWNER, is_active=True)

    def with_rules(self) -> Self:
        """Bring along what the shop changed about their roles, and whether a second factor is missing, at no query."""
        rules = RoleRules.objects.filter(role=models.OuterRef("role")).values("departures")[:1]
        factors = apps.get_model("mfa", "Authenticator").objects.exclude(type="recovery_codes")
        missing = ~models.Exists(factors.filter(user=models.OuterRef("pk")))
        due = models.Q(models.Exists(SecondFactorRule.objects.in_force()), missing, role=Role.OWNER)
        lacks = models.Case(models.When(due, then=True), default=False, output_field=models.BooleanField())
        return self.annotate(departures=models.Subquery(rules), lacks_factor=lacks)

    def with_factors(self) -> Self:
        """Say of each whether they hold a second factor, at no query."""
        factors = apps.get_model("mfa", "Authenticator").objects.exclude(type="recovery_codes")
        return self.annotate(has_factor=models.Exists(factors.filter(user=models.OuterRef("pk"))))

    def visible_to(self, user: Any) -> Self:
        """Keep those this member of staff may look after: all where the role allows it, else none."""
        return self if isinstance(user, Staff) and user.may("staff.change") else self.none()


class Staff(AbstractBaseUser):
    """One person who works in the shop and signs in."""

    sign_in_name = models.CharField(gettext_lazy("Sign-in name"), max_length=150, unique=True)
    display_name = models.CharField(gettext_lazy("Display name"), max_length=100)
    role = models.CharField(gettext_lazy("Role"), max_length=10, choices=Role, default=Role.CLERK)
    language = models.CharField(gettext_lazy("Language"), max_length=10, blank=True)
    time_zone = models.CharField(gettext_lazy("Time zone"), max_length=50, blank=True)
    theme = models.CharField(gettext_lazy("Appearance"), max_length=6, choices=Theme, default=Theme.SYSTEM)
    letter_keys = models.BooleanField(gettext_lazy("Keys of one letter"), default=True)
    notices_seen_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = StaffQuerySet.as_manager()

    address: str | None = None  # where they act from, while they do

    USERNAME_FIELD = "sign_in_name"
    REQUIRED_FIELDS = ["display_name"]

    def __str__(self) -> str:
        return self.display_name

    @classmethod
    @transaction.atomic
    def hire(cls, sign_in_name: str, *, display_name: str, role: Role, password: str, **preferences: Any) -> "Staff":
        """Let somebody sign in under a role; does nothing where the name is taken."""
        name = sign_in_form(sign_in_name)
        there = cls.objects.filter(sign_in_name=name).first()
        if there:
            return there
        staff = cls(sign_in_name=name, display_name=display_name, role=role, **preferences)
        staff.set_password(password)
        staff.save()
        return staff

    def may(self, permission: str) -> bool:
        """Tell whether the role allows it; an owner may do everything, who left nothing."""
        return self.is_active and (self.role == Role.OWNER or permission in self.allowed)

    @cached_property
    def allowed(self) -> frozenset[str]:
        """What the role allows in this shop."""
        told = self.__dict__.get("departures", ...)
        return RoleRules.allowed_to(Role(self.role), RoleRules.departures_of(self.role) if told is ... else told)

    @transaction.atomic
    def change_role(self, role: Role, *, by: "Staff") -> None:
        """Give somebody another role, which ends their sessions; LastOwner where nobody would own the shop."""
        was = self.role
        if role != was:
            self._stay_owned()
            self._put("staff.role_changed", by=by, role=role)

    @transaction.atomic
    def deactivate(self, *, by: "Staff") -> None:
        """Let somebody in no more; their sessions end at once, what they did stays theirs."""
        if self.is_active:
            self._stay_owned()
            self._put("staff.deactivated", by=by, is_active=False)

    @transaction.atomic
    def reactivate(self, *, by: "Staff") -> None:
        """Let somebody in again, under the role and the password they had."""
        if not self.is_active:
            self._put("staff.reactivated", by=by, is_active=True)

    @transaction.atomic
    def change_password(self, password: str, *, here: str | None) -> None:
        """Take a new password, which ends every session but the one it was typed in."""
        self.set_password(password)
        self.save(update_fields=["password"])
        Session.objects.of(self).besides(here).delete()
        AuditEntry.write("staff.password_changed", by=self, on=self)

    def note(self, act: str, request: HttpRequest, *, by: str = "") -> None:
        """Write into the audit trail that they came, went, or were refused, from where, and by which factor."""
        self.address = request.META.get("REMOTE_ADDR") or None
        AuditEntry.write(f"staff.{act}", by=self, on=self, changes={"factor": ("", by)})

    def _stay_owned(self) -> None:
        """Raise LastOwner where this is the only owner; of two who go at once, the second waits here."""
        owners = set(Staff.objects.select_for_update().owners().order_by("pk").values_list("pk", flat=True))
        if owners == {self.pk}:
            raise LastOwner(_("%(name)s is the only owner. Make somebody else an owner first.") % {"name": self})

    def _put(self, act: str, *, by: "Staff", **values: Any) -> None:
        changes = {name: (getattr(self, name), value) for name, value in values.items()}
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=list(values))
        Session.objects.of(self).delete()
        AuditEntry.write(act, by=by, on=self, changes=changes)

    def get_full_name(self) -> str:
        """Answer Django's question for a name."""
        return self.display_name

    def get_session_auth_hash(self) -> str:
        """Tie sessions to password and role: they die when either changes."""
        return salted_hmac("guanxi.accounts.session", f"{self.password}|{self.role}", algorithm="sha256").hexdigest()


class OwnerLink(models.Model):
    """A link that lets whoever holds it become the owner, once; only its hash is kept."""

    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"until {self.expires_at:%Y-%m-%d %H:%M}"

    @classmethod
    def issue(cls) -> str:
        """Make a link and return its token, which is written down nowhere else."""
        token = secrets.token_urlsafe(24)
        cls.objects.create(digest=_digest(token), expires_at=Now() + LINK_LIFE)
        return token

    @classmethod
    def opens(cls, token: str) -> bool:
        """Tell whether a token would still make an owner."""
        unspent = cls.objects.filter(digest=_digest(token), used_at=None, expires_at__gt=Now())
        return unspent.exists() and not Staff.objects.owners().exists()

    @classmethod
    @transaction.atomic
    def redeem(cls, token: str, *, sign_in_name: str, display_name: str, password: str, **preferences: Any) -> Staff:
        """Spend the link and make the owner; of two who try at once, by one link or by two, one succeeds."""
        list(cls.objects.select_for_update().filter(used_at=None).order_by("pk"))  # whoever comes second waits here
        if not cls.opens(token):
            raise LinkSpent(_("This link was used or has expired. Start Guanxi again to get a new one."))
        cls.objects.filter(used_at=None).update(used_at=Now())
        owner = Staff(
            sign_in_name=sign_in_form(sign_in_name), display_name=display_name, role=Role.OWNER, **preferences
        )
        owner.set_password(password)
        owner.save()
        SecondFactorRule.change(required=True, by=owner, after=FIRST_DAY)
        return owner


class SignInAttempt(models.Model):
    """One failed, or not yet answered, try to sign in; counted before the password is looked at, so races count too."""

    name_digest = models.CharField(max_length=64)
    address = models.GenericIPAddressField(null=True)
    attempted_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index("name_digest", "attempted_at", name="attempt_name"),
            models.Index("address", "attempted_at", name="attempt_address"),
        ]

    def __str__(self) -> str:
        return f"{self.attempted_at}"

    @classmethod
    def count(cls, name: str, address: str | None) -> "SignInAttempt":
        """Write the attempt down; raises TooManyAttempts where the name or the address has had its share."""
        attempt = cls(name_digest=_digest(sign_in_form(name)), address=address or None)
        attempt.save()
        for field, limit in ATTEMPTS.items():
            value = getattr(attempt, field)
            if value and cls.objects.filter(attempted_at__gt=Now() - WINDOW, **{field: value}).count() > limit:
                raise TooManyAttempts(_("Too many attempts. Wait fifteen minutes and try again."))
        return attempt

    def succeed(self) -> None:
        """Forget the failures under this name from this address: it was the right person after all."""
        SignInAttempt.objects.filter(name_digest=self.name_digest, address=self.address).delete()


def sign_in_form(name: str) -> str:
    """Bring a sign-in name into the form it is stored in."""
    return Staff.normalize_username(name).strip().casefold()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

"""Keys by which programs call the API: made by an owner, shown once, kept as a hash."""

import datetime as dt
import hashlib
import secrets
from functools import cached_property
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.accounts.models.audit import AuditEntry
from guanxi.accounts.models.role import RoleRules
from guanxi.accounts.models.staff import Staff
from guanxi.accounts.scopes import SCOPES, Scope, permissions_of
from guanxi.core.errors import BadInput
from guanxi.pages.prepared import Mark, Question

PREFIX = "gxk_"
SHOWN = len(PREFIX) + 6
USUALLY = 600  # calls a minute
BOTH_FOR = dt.timedelta(days=1)  # how long the old key still works beside the one that takes its place


class BadKey(BadInput):
    """The key is none of ours, or opens nothing any more."""


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Sets of keys."""

    def visible_to(self, user: Any) -> Self:
        """Keep those this member of staff may look after: all where the role allows it, else none."""
        return self if isinstance(user, Staff) and user.may("staff.change") else self.none()

    def open(self) -> Self:
        """Keep those that neither ended nor were revoked."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def newest_first(self) -> Self:
        """Order as the page shows them."""
        return self.order_by("-pk")


class ApiKey(models.Model):
    """One key: what it is for, whose rights it has, how often it may call and until when.

    `stamp` ties it to the password and the role of its maker, as sessions are: it dies when either changes.
    """

    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=100)
    shown = models.CharField(max_length=SHOWN)
    digest = models.CharField(max_length=64, unique=True)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="keys")
    stamp = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    per_minute = models.PositiveIntegerField(default=USUALLY)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    objects = ApiKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @classmethod
    @transaction.atomic
    def make(
        cls, name: str, scopes: list[str], *, days: int, by: Staff, per_minute: int = USUALLY
    ) -> tuple[str, "ApiKey"]:
        """Make a key with the rights of its maker, and return the secret, which is written down nowhere else."""
        until = timezone.now() + dt.timedelta(days=days)
        secret, key = cls._issue(name=name, scopes=sorted(scopes), expires_at=until, per_minute=per_minute, staff=by)
        told = {"name": (None, name), "scopes": (None, key.scopes), "expires_at": (None, until.date())}
        AuditEntry.write("apikey.made", by=by, on=key, changes=told)
        return secret, key

    @transaction.atomic
    def rotate(self, *, by: Staff) -> tuple[str, "ApiKey"]:
        """Make another key in place of this one, which works for a day more so that programs can be told."""
        life = max(self.expires_at - self.created_at, BOTH_FOR)
        told = {name: getattr(self, name) for name in ("name", "scopes", "per_minute")}
        secret, key = self._issue(**told, expires_at=timezone.now() + life, staff=by)
        until = min(self.expires_at, timezone.now() + BOTH_FOR)
        type(self).objects.filter(pk=self.pk).update(expires_at=until)
        AuditEntry.write("apikey.rotated", by=by, on=self, changes={"key": (self.shown, key.shown)})
        return secret, key

    @transaction.atomic
    def revoke(self, *, by: Staff) -> None:
        """Let the key open nothing any more, from the next call on; does nothing where it was revoked."""
        if type(self).objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now()):
            AuditEntry.write("apikey.revoked", by=by, on=self)

    @property
    def state(self) -> str:
        """Tell whether it works, and if not, why."""
        return self.ended or ("works" if self.is_stamped(self.staff) else "void")

    @property
    def ended(self) -> str:
        """Tell how it ended, if it did."""
        expired = "expired" if self.expires_at <= timezone.now() else ""
        return "revoked" if self.revoked_at else expired

    @property
    def meter(self) -> str:
        """The name under which its calls are counted."""
        return f"key:{self.pk}"

    @property
    def purposes(self) -> list[Scope]:
        """Its scopes in words."""
        return [SCOPES[name] for name in self.scopes if name in SCOPES]

    @cached_property
    def permissions(self) -> frozenset[str]:
        """What its scopes let through."""
        return permissions_of(self.scopes)

    def is_stamped(self, staff: Staff) -> bool:
        """Tell whether password and role of whoever it acts for are what they were."""
        return staff.is_active and constant_time_compare(self.stamp, _stamp(staff))

    @classmethod
    def _issue(cls, *, staff: Staff, **told: Any) -> tuple[str, "ApiKey"]:
        secret = PREFIX + secrets.token_urlsafe(32)
        marks = {"shown": secret[:SHOWN], "digest": digest_of(secret), "stamp": _stamp(staff)}
        return secret, cls.objects.create(**told, **marks, staff_id=staff.pk)


class Caller(Staff):
    """A member of staff as a program acts for them: within their role, and within the scopes of the key."""

    key: ApiKey

    class Meta:
        proxy = True

    @classmethod
    def by(cls, secret: str) -> "Caller":
        """Find who a program acts for; raises BadKey, with what to do about it."""
        found = _WHOSE.ask(digest=digest_of(secret)) if secret.startswith(PREFIX) else []
        if not found:
            raise BadKey(
                _("This is no key of this shop. Ask an owner for one and send it as “Authorization: Bearer …”.")
            )
        *told, departures = found[0]
        key = ApiKey.from_db("default", _KEY, told[: len(_KEY)])
        caller = cls.from_db("default", _STAFF, told[len(_KEY) :])
        caller.key, caller.__dict__["departures"] = key, departures
        if key.ended or not key.is_stamped(caller):
            raise BadKey(_NO_MORE[key.ended or "void"] % {"key": key.shown})
        return caller

    def may(self, permission: str) -> bool:
        """Tell whether both the role and one of the scopes allow it."""
        return permission in self.key.permissions and super().may(permission)

    def role_may(self, permission: str) -> bool:
        """Tell whether the role allows it, whatever the key is for."""
        return super().may(permission)

    @property
    def rights(self) -> str:
        """A word for all that they may: another one as soon as they may more or less."""
        told = sorted(each for each in self.key.permissions if self.may(each))
        return hashlib.sha256(" ".join(told).encode()).hexdigest()

    @property
    def acts_by(self) -> str:
        """The reason that the audit trail keeps for what nobody gave a reason for: the key by which it was done."""
        return f"key: {self.key.name} ({self.key.shown}…)"


def _whose() -> Any:
    """Ask for a key with whom it acts for, and with what the shop changed about their role."""
    rules = RoleRules.objects.filter(role=models.OuterRef("staff__role")).values("departures")[:1]
    found = ApiKey.objects.filter(digest=Mark("digest")).annotate(departures=models.Subquery(rules))
    return found.values_list(*_KEY, *(f"staff__{name}" for name in _STAFF), "departures")


_KEY, _STAFF = ([each.attname for each in model._meta.concrete_fields] for model in (ApiKey, Staff))  # noqa: SLF001
_WHOSE = Question(_whose)
_NO_MORE = {
    "revoked": gettext_lazy("The key %(key)s… was revoked. Ask an owner for another one."),
    "expired": gettext_lazy("The key %(key)s… has expired. Ask an owner for another one."),
    "void": gettext_lazy("Role or password of whoever made the key %(key)s… changed. Ask an owner for another one."),
}


def digest_of(secret: str) -> str:
    """Compute what is kept of a secret; it is random enough to need no slow hash."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _stamp(staff: Staff) -> str:
    told = f"{staff.pk}|{staff.password}|{staff.role}"
    return salted_hmac("guanxi.accounts.key", told, algorithm="sha256").hexdigest()

"""How people are let in: a link that opens once, and only for a while; its hash alone is kept."""

import datetime as dt
import hashlib
import secrets
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.accounts.models.audit import AuditEntry
from guanxi.accounts.models.session import Session
from guanxi.accounts.models.staff import LinkSpent, Staff
from guanxi.accounts.roles import Role

LIFE = dt.timedelta(days=3)
RESET_LIFE = dt.timedelta(hours=2)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Sets of invitations."""

    def open(self) -> Self:
        """Keep those that still let somebody in; one that resets a password ends with whoever it is for."""
        standing = self.filter(used_at=None, withdrawn_at=None, expires_at__gt=Now())
        return standing.filter(models.Q(staff=None) | models.Q(staff__is_active=True))

    def by_token(self, token: str) -> "Invitation | None":
        """Find the open one of a link."""
        digest = hashlib.sha256(token.encode()).hexdigest()
        return self.open().select_related("staff", "by").filter(digest=digest).first()


class Invitation(models.Model):
    """One link: for somebody new, under a role, or for `staff` to choose a new password."""

    digest = models.CharField(max_length=64, unique=True)
    display_name = models.CharField(gettext_lazy("Name"), max_length=100)
    role = models.CharField(gettext_lazy("Role"), max_length=10, choices=Role, default=Role.AGENT)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return self.display_name

    @classmethod
    @transaction.atomic
    def invite(cls, display_name: str, *, role: Role, by: Staff) -> str:
        """Invite somebody new, and return the token of the link, which is written down nowhere else."""
        token, invitation = cls._issue(display_name=display_name, role=role, by=by, expires_at=Now() + LIFE)
        told = {"display_name": (None, display_name), "role": (None, str(role))}
        AuditEntry.write("staff.invited", by=by, on=invitation, changes=told)
        return token

    @classmethod
    @transaction.atomic
    def renew(cls, staff: Staff, *, by: Staff) -> str:
        """Let somebody choose a new password by a link; an older link of theirs opens nothing any more."""
        cls.objects.open().filter(staff=staff).update(withdrawn_at=Now())
        told = {"display_name": staff.display_name, "role": staff.role, "staff": staff}
        token, _invitation = cls._issue(**told, by=by, expires_at=Now() + RESET_LIFE)
        AuditEntry.write("staff.password_link", by=by, on=staff)
        return token

    @transaction.atomic
    def accept(self, *, password: str, **told: Any) -> Staff:
        """Spend the link: hire whom it is for, or give them the new password; of two at once, one succeeds."""
        if not Invitation.objects.open().filter(pk=self.pk).update(used_at=Now()):
            raise LinkSpent(_("This link was used or has expired. Ask for a new one."))
        staff = self.staff or Staff(role=self.role, **told)
        staff.set_password(password)
        staff.save()
        Session.objects.of(staff).delete()
        AuditEntry.write("staff.password_chosen" if self.staff else "staff.joined", by=staff, on=staff)
        return staff

    @transaction.atomic
    def withdraw(self, *, by: Staff) -> None:
        """Let the link open nothing any more; does nothing where it was used."""
        if Invitation.objects.open().filter(pk=self.pk).update(withdrawn_at=Now()):
            AuditEntry.write("staff.invitation_withdrawn", by=by, on=self)

    @classmethod
    def _issue(cls, **told: Any) -> tuple[str, "Invitation"]:
        token = secrets.token_urlsafe(24)
        return token, cls.objects.create(digest=hashlib.sha256(token.encode()).hexdigest(), **told)

"""Where people are signed in: one row a browser, which may be ended."""

from importlib import import_module
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models, transaction
from django.utils import timezone

from guanxi.accounts.devices import is_held
from guanxi.accounts.models.audit import AuditEntry


class SessionQuerySet(models.QuerySet["Session"]):
    """Sets of sessions."""

    def open(self) -> Self:
        """Keep those of people who are in, the last used first."""
        return self.filter(staff__isnull=False, expire_date__gt=timezone.now()).order_by("-seen_at", "-pk")

    def of(self, staff: Any) -> Self:
        """Keep those of one member of staff."""
        return self.filter(staff=staff.pk)

    def besides(self, key: str | None) -> Self:
        """Leave out the one of this key: whoever ends the others stays."""
        return self.exclude(session_key=key or "")

    def visible_to(self, user: Any) -> Self:
        """Keep one's own; those of everybody for whoever looks after staff."""
        return self if user.may("staff.change") else self.of(user)

    @transaction.atomic
    def end(self, *, of: Any, by: Any) -> int:
        """Sign somebody out of these; says of how many."""
        count, _rows = self.of(of).delete()
        if count:
            AuditEntry.write("staff.sessions_ended", by=by, on=of, changes={"sessions": (count, 0)})
        return count


class Session(AbstractBaseSession):
    """One browser that is signed in, or is about to be: as Django keeps it, with where and when it was used.

    Its key opens the door, so pages name it by its number; `started_from` and `seen_from` are masked addresses.
    """

    session_key = models.CharField(max_length=40, unique=True)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    device = models.CharField(max_length=60, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    started_from = models.CharField(max_length=45, blank=True)
    seen_at = models.DateTimeField(default=timezone.now)
    seen_from = models.CharField(max_length=45, blank=True)

    objects: ClassVar[Any] = SessionQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.device

    @classmethod
    def get_session_store_class(cls) -> Any:
        """Answer Django's question for what reads and writes it."""
        return import_module(settings.SESSION_ENGINE).SessionStore

    @property
    def is_held(self) -> bool:
        """Tell a phone from a desk."""
        return is_held(self.device)

    @transaction.atomic
    def end(self, *, by: Any) -> None:
        """Sign whoever it belongs to out of this browser; does nothing where it ended already."""
        if Session.objects.filter(pk=self.pk).delete()[0]:
            told = {"device": (self.device, None)}
            AuditEntry.write("staff.session_ended", by=by, on=f"staff:{self.staff_id}", changes=told)

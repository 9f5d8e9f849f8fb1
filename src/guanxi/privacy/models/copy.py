"""The copy of everything about one person: a file that stands for a while and then goes."""

import datetime as dt
import secrets
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from guanxi.customers.models import Customer
from guanxi.customers.models.customer import STAFF

STANDS = dt.timedelta(days=1)


class CopyQuerySet(models.QuerySet["Copy"]):
    """Sets of copies."""

    def ready(self) -> Self:
        """Keep those whose file still stands."""
        return self.filter(made_at__gt=timezone.now() - STANDS)

    def visible_to(self, user: Any) -> Self:
        """Keep one's own, where the role allows such files: nobody takes what somebody else asked for."""
        return self.filter(by=user.pk) if user.may("personal.export") else self.none()

    def remove(self) -> int:
        """Delete the files, then the records of them; says how many."""
        for each in self:
            each.path.unlink(missing_ok=True)
        return self.delete()[0]


class Copy(models.Model):
    """One file with everything about one person, who had it made and when."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    by = models.ForeignKey(STAFF, models.PROTECT, related_name="+")
    word = models.CharField(max_length=40, unique=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects = CopyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"copy {self.pk}"

    @classmethod
    def begin(cls, customer: Customer, *, by: Any) -> "Copy":
        """Take a random name for a file."""
        folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls.objects.create(customer=customer, by_id=by.pk, word=secrets.token_hex(16))

    @property
    def path(self) -> Path:
        """Where the file lies, outside of what is served and of backups."""
        return folder() / f"{self.word}.zip"

    @property
    def until(self) -> dt.datetime:
        """When the file goes."""
        return self.made_at + STANDS


def folder() -> Path:
    """The folder of such files."""
    return Path(settings.HOME) / "copies"


def sweep() -> int:
    """Delete what stood long enough, and files that a killed process left behind."""
    gone = Copy.objects.filter(made_at__lte=timezone.now() - STANDS).remove()
    known = {each.path for each in Copy.objects.all()}
    limit = (timezone.now() - dt.timedelta(hours=1)).timestamp()
    for path in folder().glob("*") if folder().is_dir() else ():
        if path not in known and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
    return gone

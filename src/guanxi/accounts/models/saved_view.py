"""What readers keep of lists: views under a name, and which columns they look at."""

import datetime as dt
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.core.errors import Refused
from guanxi.pages.listing import PASSING

MOST_VIEWS = 30
UNDO_LIFE = dt.timedelta(days=1)
NOT_KEPT = (*PASSING, "q")  # what was looked for may be a name or a phone


class TooManyViews(Refused):
    """A row of tabs that nobody can read any more takes no further view."""


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Sets of views."""

    def standing(self) -> Self:
        """Keep those that were not deleted."""
        return self.filter(deleted_at=None)

    def seen_by(self, reader: Any) -> Self:
        """Keep a reader's own and those that others share."""
        return self.standing().filter(models.Q(owner=reader) | models.Q(is_shared=True))


class SavedView(models.Model):
    """A list as somebody narrowed and sorted it, under a name, for themselves or for everyone."""

    list_name = models.CharField(max_length=30)
    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=40)
    query = models.CharField(max_length=1000, blank=True)
    is_shared = models.BooleanField(_("Everyone in the shop sees it"), default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints = [
            models.UniqueConstraint(
                "owner", "list_name", "name", condition=models.Q(deleted_at=None), name="saved_view_once_by_name"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    @transaction.atomic
    def keep(cls, list_name: str, name: str, query: str, *, by: Any, is_shared: bool = False) -> "SavedView":
        """Keep what an address shows under a name, in place of one's own view of it; TooManyViews past the most."""
        mine = cls.objects.standing().filter(owner=by, list_name=list_name)
        if mine.exclude(name=name).count() >= MOST_VIEWS:
            raise TooManyViews(_("A list holds %(most)s views of yours. Delete one first.") % {"most": MOST_VIEWS})
        told = {"query": plain(query), "is_shared": is_shared}
        view, _new = mine.update_or_create(owner=by, list_name=list_name, name=name, defaults=told)
        return view

    @property
    def url(self) -> str:
        """Where it is renamed or shared."""
        return reverse("list-view", args=[self.pk])

    @property
    def deletion_url(self) -> str:
        """Where it is deleted."""
        return reverse("list-view-deletion", args=[self.pk])

    def delete_for_now(self) -> None:
        """Take it from the tabs; it can be put back for a day."""
        self.deleted_at = timezone.now()
        self.save(update_fields=["deleted_at"])
        SavedView.objects.filter(deleted_at__lt=timezone.now() - UNDO_LIFE).delete()

    def put_back(self) -> None:
        """Undo its deletion; does nothing where another view took its name meanwhile."""
        taken = SavedView.objects.standing().filter(owner=self.owner, list_name=self.list_name, name=self.name)
        if not taken.exists():
            self.deleted_at = None
            self.save(update_fields=["deleted_at"])


class ChosenColumns(models.Model):
    """Which columns of a list somebody looks at, in their order."""

    list_name = models.CharField(max_length=30)
    names = models.JSONField(default=list)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("owner", "list_name", name="chosen_columns_once")]

    def __str__(self) -> str:
        return ", ".join(self.names)


def plain(query: str) -> str:
    """Write what an address shows, without the page it stands on, always the same way.

    >>> plain("?sort=-net&after=cus_1&class=lost&from=51&q=Ada")
    'class=lost&sort=-net'
    """
    asked = QueryDict(query.removeprefix("?")[:1000], mutable=True)
    kept = sorted((name, str(asked[name])) for name in asked if name not in NOT_KEPT and asked[name])
    told = QueryDict(mutable=True)
    for name, value in kept:
        told[name] = value
    return told.urlencode()

"""The page of data quality in words: what the last count found, against a month ago."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.customers.faces import Face, faces_of, hidden, hidden_from
from guanxi.customers.models import Customer, Identifier
from guanxi.guard.masking import mask_email
from guanxi.identity.cleaning.emails import judge_known
from guanxi.identity.quality.figures import EVERYBODY, FIGURES, REACHABLE, Figure
from guanxi.identity.quality.models import Behind, QualityCount, Stopped
from guanxi.identity.quality.narrowing import people
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column
from guanxi.pages.components import Metric
from guanxi.pages.formats import Change
from guanxi.pages.panels import Viewer
from guanxi.pages.shell import AsOf

MONTH = dt.timedelta(days=30)
PROMISED = dt.timedelta(days=1)
AT_MOST = 20  # rows of what is stopped, and of e-mails to be accepted
GROUPS = {
    "reach": gettext_lazy("Whom can we reach?"),
    "wrong": gettext_lazy("What is wrong?"),
    "missing": gettext_lazy("What is missing?"),
}


@dataclass(frozen=True)
class Row:
    """One figure as drawn: how many, which share of all, how that moved, and where the people are."""

    figure: Figure
    people: int
    share: float
    was: float | None

    @property
    def href(self) -> str:
        """Where the people are; nowhere where there are none."""
        return people(self.figure.code) if self.people else ""

    @property
    def change(self) -> Change | None:
        """The movement of the share in points, and whether it is good news."""
        if self.was is None:
            return None
        moved = formats.change_points(self.share - self.was)
        better = (moved.direction == "up") == self.figure.is_good
        word = "" if moved.direction == "flat" else _("better") if better else _("worse")
        return Change(moved.direction, moved.text, word)


@dataclass(frozen=True)
class Halted:
    """An identifier that joins nobody: masked, and by which rule."""

    kind: str
    word: str
    profiles: int
    limit: int


@dataclass(frozen=True)
class Offer:
    """A mistyped e-mail of one person, and what was probably meant; both masked."""

    customer: Customer
    face: Face
    typed: str
    meant: str


@dataclass(frozen=True)
class Report:
    """What was counted last."""

    counts: dict[str, QualityCount]
    reader: Viewer
    earlier: dict[str, int] = field(default_factory=dict)

    @classmethod
    def now(cls, reader: Viewer) -> "Report":
        """Read the last count, and the one a month before."""
        counts = QualityCount.objects.newest()
        on = counts[EVERYBODY].on if counts else None
        return cls(counts, reader, QualityCount.objects.before(on - MONTH) if on else {})

    @property
    def total(self) -> int:
        """How many customers were counted."""
        return self.counts[EVERYBODY].people if self.counts else 0

    @property
    def age(self) -> AsOf | None:
        """When it was counted."""
        if not self.counts:
            return None
        return AsOf(self.counts[EVERYBODY].at, PROMISED, _("It was not counted since. See whether the worker runs."))

    @cached_property
    def rows(self) -> dict[str, Row]:
        """Every figure by its code."""
        was = self.earlier.get(EVERYBODY, 0)
        return {
            code: Row(
                figure=figure,
                people=self._people(code),
                share=self._people(code) / self.total if self.total else 0.0,
                was=self.earlier.get(code, 0) / was if was else None,
            )
            for code, figure in FIGURES.items()
        }

    def _people(self, code: str) -> int:
        found = self.counts.get(code)
        return found.people if found else 0

    @property
    def groups(self) -> list[tuple[Any, list[Row]]]:
        """The figures under their questions."""
        return [
            (title, [row for row in self.rows.values() if row.figure.group == name]) for name, title in GROUPS.items()
        ]

    @property
    def finding(self) -> str:
        """The sentence the page opens with."""
        if not self.total:
            return _("Nothing is known of anybody yet")
        broken = self.rows["broken"].people
        said = {"share": formats.percent(self.rows[REACHABLE].share), "broken": formats.count(broken)}
        if not broken:
            return _("%(share)s of customers can be reached, and every address works") % said
        return _("%(share)s of customers can be reached; of %(broken)s an address does not work") % said

    @property
    def metrics(self) -> list[Metric]:
        """The figures worth knowing first; who is known twice is decided about in a queue of its own."""
        shown = [self._metric(self.rows[code]) for code in (REACHABLE, "broken", "mistyped", "no_phone")]
        twice = self.rows["twice"]
        return [*shown, self._metric(twice, reverse("identity:duplicates") if twice.people else "")]

    def _metric(self, row: Row, href: str = "") -> Metric:
        value = formats.percent(row.share) if row.figure.is_good else formats.count(row.people)
        note = _("in 30 days") if row.change else _("Compared from the 30th day on")
        return Metric(row.figure.title, value, change=row.change, note=note, href=href or row.href)

    @property
    def chart(self) -> Chart:
        """What is wrong or missing, the most frequent first."""
        bad = [row for row in self.rows.values() if row.figure.group != "reach" and row.people]
        rows: list[dict[str, Any]] = [
            {"code": row.figure.code, "what": str(row.figure.title), "people": row.people, "share": row.share}
            for row in sorted(bad, key=lambda row: -row.people)
        ]
        said = {"what": rows[0]["what"], "share": formats.percent(rows[0]["share"])} if rows else {}
        return Chart(
            name="quality",
            kind="horizontal",
            finding=_("Most frequent: “%(what)s”, %(share)s of customers.") % said if rows else _("Nothing is wrong."),
            columns=[
                Column("what", _("What")),
                Column("people", _("Customers"), form="count", series=1),
                Column("share", _("Share"), form="percent"),
            ],
            rows=rows,
            height="l",
            hrefs=people("{code}"),
        )

    @cached_property
    def halted(self) -> Sequence[Halted]:
        """What joins nobody, the most shared first; of a kind the reader does not see at all, no word."""
        found = list(Stopped.objects.all()[:AT_MOST])
        carried = Identifier.objects.filter(digest__in=[each.digest for each in found]).values("digest")
        one = Identifier.objects.in_bulk([row["least"] for row in carried.annotate(least=Min("pk"))] if found else [])
        words = {each.digest: each.plain for each in one.values()}
        unseen = hidden_from(self.reader)
        return [
            Halted(
                kind=each.get_kind_display(),
                word="" if each.kind in unseen else hidden(each.kind, words.get(each.digest, "")),
                profiles=each.profiles,
                limit=each.limit,
            )
            for each in found
        ]

    @cached_property
    def offers(self) -> Sequence[Offer]:
        """Mistyped e-mails with what was probably meant, for who sees e-mails."""
        if Identifier.Kind.EMAIL in hidden_from(self.reader):
            return []
        keys = list(Behind.objects.under("mistyped").order_by("customer").values_list("customer", flat=True)[:AT_MOST])
        customers = Customer.objects.filter(survivor=None).in_bulk(keys)
        faces = faces_of(list(customers.values()), self.reader)
        rows = Identifier.objects.filter(profile__customer__in=keys, kind=Identifier.Kind.EMAIL, ends_on=None)
        found: dict[int, Offer] = {}
        for each in rows.select_related("profile").order_by("profile__customer", "pk"):
            pk, typed = each.profile.customer_id, each.plain
            meant = judge_known(typed).suggestion
            if meant and pk is not None and pk in customers and pk not in found:
                found[pk] = Offer(customers[pk], faces[pk], mask_email(typed), mask_email(meant))
        return list(found.values())

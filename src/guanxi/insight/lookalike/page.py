"""The page of look-alikes: which set, how far the work is, how good it is, and who they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from guanxi.accounts.models import Staff
from guanxi.core.jobs.models import Job, State
from guanxi.customers.classes import known_classes
from guanxi.customers.faces import Face, faces_of
from guanxi.customers.models import Customer
from guanxi.guard.fileout import Cell
from guanxi.insight.lookalike import words
from guanxi.insight.models import LookalikeRun
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column
from guanxi.pages.components import Progress

SHOWN = 50
SAID = 40  # letters of a set's name
COLUMNS = ("id", "name", "resembles", "reasons")


@dataclass(frozen=True)
class LookalikePage:
    """One run, and the forms that begin another."""

    run: LookalikeRun | None

    @classmethod
    def read(cls, key: str) -> "LookalikePage":
        """Read a run, the newest unless an address names one."""
        found = LookalikeRun.objects.order_by("-pk")
        return cls((found.filter(pk=int(key)) if key.isascii() and key.isdigit() and len(key) < 12 else found).first())

    @property
    def told(self) -> dict[str, Any]:
        """What the run found; nothing where it did not."""
        return self.run.told if self.run else {}

    @property
    def finding(self) -> str:
        """The sentence the page opens with."""
        return words.finding(self.told) if self.told else _("Who resembles your best customers and has not bought?")

    @property
    def set_name(self) -> str:
        """The set that was asked for."""
        if self.run is None:
            return ""
        said = {"kind": LookalikeRun.Kind(self.run.kind).label, "word": self.typed["word"][:SAID]}
        return _("%(kind)s: %(word)s") % said

    @property
    def typed(self) -> dict[str, str]:
        """What was asked for, as the form shows it again: a class by its name, and no ids, which may be many."""
        if self.run is None:
            return {}
        word = "" if self.run.kind == LookalikeRun.Kind.LIST else self.run.word
        if self.run.kind == LookalikeRun.Kind.CLASS:
            word = next((str(each.name) for each in known_classes().values() if each.label == word), word)
        return {"kind": self.run.kind, "word": word}

    @property
    def is_clear(self) -> bool:
        """Whether there is somebody to list: a list that chance makes as well helps nobody."""
        return bool(self.told) and words.is_clear(self.told)

    @cached_property
    def job(self) -> Job | None:
        """The work that is under way."""
        if self.run is None or self.run.finished_at:
            return None
        return Job.objects.filter(pk=self.run.job or 0, state__in=[State.READY, State.RUNNING]).first()

    @property
    def progress(self) -> Progress | None:
        """How far the work is; it cannot tell beforehand how long it takes."""
        if self.job is None:
            return None
        waits = [_("It begins as soon as a worker is free.")] if self.job.state == State.READY else []
        return Progress(_("Comparing people with the set"), 0, 0, notes=waits)

    @property
    def stopped(self) -> bool:
        """Whether the work ended without saying anything."""
        return self.run is not None and not self.run.finished_at and self.job is None

    @property
    def chart(self) -> Chart:
        """Draw how much of the set each tenth holds, on people the model never saw."""
        columns = [
            Column("tenth", _("Tenth of people, likeliest first")),
            Column("lift", _("Times as many as any tenth"), form="number", series=1),
        ]
        rows = [{"tenth": str(nth), "lift": lift} for nth, lift in enumerate(self.told["lifts"], 1)]
        best = {"times": formats.decimal(self.told["lifts"][0], 1)}
        said = _("On people the model never saw, the likeliest tenth holds %(times)s times as many of the set.") % best
        return Chart("lookalike-lift", "bars", said, columns, rows, height="s")

    @property
    def speaking(self) -> list[tuple[str, str]]:
        """The traits that tell the set from others, and which way."""
        return [
            (words.traits_of(self.told, [at]), _("speaks for it") if weight > 0 else _("speaks against it"))
            for at, weight in self.told["speaking"]
        ]

    @property
    def counted(self) -> str:
        """How many people the finding rests on."""
        said = {name: formats.count(self.told[name]) for name in ("inside", "others", "prospects")}
        return _("%(inside)s customers in the set, %(others)s others, of whom %(prospects)s have not bought.") % said

    def people(self, viewer: Staff) -> list[tuple[Customer, Face, float, str]]:
        """List the likeliest whom the viewer may see, masked."""
        some = self.told["people"][:SHOWN]
        known = Customer.objects.visible_to(viewer).in_bulk([key for key, _times, _why in some])
        faces = faces_of(list(known.values()))
        return [
            (known[key], faces[key], times, words.traits_of(self.told, why)) for key, times, why in some if key in known
        ]

    def rows(self, viewer: Staff) -> Iterator[tuple[Cell, ...]]:
        """Give all of them as rows of a file, masked as on the page."""
        people = self.told.get("people", [])
        for first in range(0, len(people), 500):
            some = people[first : first + 500]
            known = Customer.objects.visible_to(viewer).in_bulk([key for key, _times, _why in some])
            faces = faces_of(list(known.values()))
            for key, times, why in some:
                if key in known:
                    yield known[key].public_id, str(faces[key].name), times, words.traits_of(self.told, why)

"""Recency by frequency: how many customers stand in each pair of bands, and what they bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.insight import sheets, wording
from guanxi.insight.addresses import people
from guanxi.insight.models import RfmRun
from guanxi.insight.scheme import BANDS
from guanxi.pages import formats
from guanxi.pages.charts import Table
from guanxi.pages.components import Tab

STEPS = 10  # shades from paper to pine
DOWN, UP = range(BANDS, 0, -1), range(1, BANDS + 1)
COUNT, NET = "customers", "net"


@dataclass(frozen=True)
class Cell:
    """The customers of a pair of bands, or of a whole row or column: how many, what they bring, where to find them."""

    customers: int
    net_minor: int
    share: float
    figure: str
    href: str
    step: int = 0


@dataclass(frozen=True)
class Line:
    """One band of recency: its values, and its cells by frequency."""

    band: int
    values: str
    cells: list[Cell]
    total: Cell


@dataclass(frozen=True)
class Matrix:
    """The cells of one run: all of them, or those of one band of monetary (`m`); `shows` is what stands in them."""

    run: RfmRun
    currency: str
    m: int = 0
    shows: str = COUNT

    @classmethod
    def asked(cls, request: HttpRequest, run: RfmRun, currency: str) -> "Matrix":
        """Read the address: `m` is a band, `show=net` the money; anything else is everybody, counted."""
        asked = request.GET.get("m", "")
        m = int(asked) if asked in {str(band) for band in UP} else 0
        return cls(run, currency, m, NET if request.GET.get("show") == NET else COUNT)

    @cached_property
    def lines(self) -> list[Line]:
        """The bands of recency, the most recent on top; frequency grows to the right."""
        values = wording.bands("recency", self._limits("recency"), self.currency)
        return [
            Line(r, words, [self._cell(r=r, f=f) for f in UP], self._cell(r=r))
            for r, words in zip(DOWN, values, strict=True)
        ]

    @cached_property
    def columns(self) -> list[tuple[int, str, Cell]]:
        """The bands of frequency: band, values, everybody in it."""
        values = wording.bands("frequency", self._limits("frequency"), self.currency)[::-1]
        return [(f, words, self._cell(f=f)) for f, words in zip(UP, values, strict=True)]

    @cached_property
    def all(self) -> Cell:
        """Everybody shown."""
        return self._cell()

    @property
    def finding(self) -> str:
        """What the best of both bands bring."""
        best, everybody = self._found(r=BANDS, f=BANDS), self._found()
        if not best[0]:
            return _("Nobody is at R 5 and F 5.")
        share = formats.percent(best[0] / everybody[0])
        said = {"count": formats.count(best[0]), "share": share}
        if everybody[1] <= 0:
            sentence = ngettext(
                "%(count)s customer at R 5 and F 5, %(share)s of all.",
                "%(count)s customers at R 5 and F 5, %(share)s of all.",
                best[0],
            )
            return sentence % said
        sentence = ngettext(
            "%(count)s customer at R 5 and F 5, %(share)s of all, brings %(net)s of net sales.",
            "%(count)s customers at R 5 and F 5, %(share)s of all, bring %(net)s of net sales.",
            best[0],
        )
        return sentence % {**said, "net": formats.percent(best[1] / everybody[1])}

    @property
    def sheet(self) -> Table:
        """All cells as a file."""
        return sheets.cells(self.run, self.currency)

    @property
    def money_tabs(self) -> list[Tab]:
        """The switch of the band of monetary."""
        everybody = [Tab(_("All M"), self._address(m=0), active=not self.m)]
        return everybody + [Tab(f"M {m}", self._address(m=m), active=m == self.m) for m in DOWN]

    @property
    def figure_tabs(self) -> list[Tab]:
        """The switch of what stands in the cells."""
        titles = {COUNT: _("Customers"), NET: _("Net sales")}
        return [Tab(title, self._address(shows=name), active=name == self.shows) for name, title in titles.items()]

    @property
    def money_note(self) -> str:
        """What the chosen band of monetary means."""
        values = wording.bands("monetary", self._limits("monetary"), self.currency)
        return f"M {self.m}{'：' if formats.chinese() else ': '}{values[BANDS - self.m]}" if self.m else ""

    def _limits(self, name: str) -> Sequence[int] | None:
        found: Mapping[str, Sequence[int] | None] = self.run.limits
        return found.get(name)

    @cached_property
    def _sums(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Customers and net sales by recency and frequency; 0 stands for all of a dimension."""
        found: dict[tuple[int, int], tuple[int, int]] = {}
        for r, f, m, customers, net in self.run.cells:
            for key in ((r, f), (r, 0), (0, f), (0, 0)) if self.m in {0, m} else ():
                so_far = found.get(key, (0, 0))
                found[key] = (so_far[0] + customers, so_far[1] + net)
        return found

    @cached_property
    def _most(self) -> int:
        place = 1 if self.shows == NET else 0
        return max((each[place] for (r, f), each in self._sums.items() if r and f), default=0)

    def _found(self, *, r: int = 0, f: int = 0) -> tuple[int, int]:
        return self._sums.get((r, f), (0, 0))

    def _cell(self, *, r: int = 0, f: int = 0) -> Cell:
        customers, net = self._found(r=r, f=f)
        shown = net if self.shows == NET else customers
        step = max(1, round(STEPS * shown / self._most)) if r and f and shown > 0 else 0
        figure = formats.count(customers) if self.shows == COUNT else str(formats.money_large(net, self.currency))
        everybody = self._found()[0]
        share = customers / everybody if everybody else 0.0
        return Cell(customers, net, share, figure, people(r=r, f=f, m=self.m) if customers else "", step)

    def _address(self, *, m: int | None = None, shows: str = "") -> str:
        m, shows = self.m if m is None else m, shows or self.shows
        wanted = {"m": m or None, "show": NET if shows == NET else None}
        return "?" + urlencode({name: value for name, value in wanted.items() if value}) + "#matrix"

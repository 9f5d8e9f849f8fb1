"""Where customers are moving: how many are new, active, dormant and lost, and who changed places in thirty days."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from guanxi.insight.given import STEP_DAYS
from guanxi.insight.models import ShopRun
from guanxi.insight.trading import growth
from guanxi.pages import formats

STAGES = ("new", "active", "dormant", "lost")
FLOWS = (("dormant", "active"), ("active", "dormant"), ("new", "active"))


@dataclass(frozen=True)
class Stage:
    """One place: how many stand there, how full it is beside the fullest, and how that changed."""

    name: str
    title: str
    customers: int
    share: float
    change: formats.Change | None
    href: str = ""

    @property
    def width(self) -> str:
        """How long its bar is, in percent."""
        return f"{100 * self.share:.1f}"


@dataclass(frozen=True)
class Moving:
    """What the last computation found of the places."""

    run: ShopRun

    @property
    def stages(self) -> list[Stage]:
        """The four places."""
        now = {name: self._count(after=name) for name in STAGES}
        most = max(*now.values(), 1)
        return [
            Stage(name, title, now[name], now[name] / most, self._change(name), _who(after=name) if now[name] else "")
            for name, title in titles().items()
        ]

    @property
    def flows(self) -> list[tuple[int, str, str]]:
        """The three moves that matter: how many, from where to where, and the address of who they are."""
        return [
            (count, " → ".join(titles()[name] for name in pair), _who(*pair) if count else "")
            for pair in FLOWS
            for count in [self.moved(*pair)]
        ]

    @property
    def customers(self) -> int:
        """All of them."""
        return sum(self.run.moves.values())

    @property
    def days(self) -> int:
        """How far back the places before lie."""
        return STEP_DAYS

    @property
    def finding(self) -> str:
        """The moves in one sentence."""
        back, asleep = self.moved("dormant", "active"), self.moved("active", "dormant")
        told = {"back": formats.count(back), "asleep": formats.count(asleep)}
        if not back and not asleep:
            return _("Nobody fell asleep, and nobody came back.")
        if not back:
            text = ngettext("%(asleep)s customer fell asleep.", "%(asleep)s customers fell asleep.", asleep)
        elif not asleep:
            text = ngettext("%(back)s dormant customer came back.", "%(back)s dormant customers came back.", back)
        elif asleep > back:
            text = ngettext(
                "%(back)s dormant customer came back, but %(asleep)s fell asleep.",
                "%(back)s dormant customers came back, but %(asleep)s fell asleep.",
                back,
            )
        else:
            text = ngettext(
                "%(back)s dormant customer came back, more than the %(asleep)s who fell asleep.",
                "%(back)s dormant customers came back, more than the %(asleep)s who fell asleep.",
                back,
            )
        return text % told

    def moved(self, before: str, after: str) -> int:
        """Count who stood in one place before and stands in another now."""
        return int(self.run.moves.get(f"{before}>{after}", 0))

    def standing(self, stage: str) -> int:
        """Count who stands in one place now."""
        return self._count(after=stage)

    def _count(self, *, before: str = "", after: str = "") -> int:
        moves = ((move.split(">"), count) for move, count in self.run.moves.items())
        return sum(count for (was, is_now), count in moves if (before or was) == was and (after or is_now) == is_now)

    def _change(self, name: str) -> formats.Change | None:
        moved = growth(self._count(after=name), self._count(before=name))
        return None if moved is None else formats.change(moved)


def _who(before: str = "", after: str = "") -> str:
    wanted = {"before": before, "after": after}
    return f"{reverse('insight:movers')}?{urlencode({name: word for name, word in wanted.items() if word})}"


def titles() -> dict[str, str]:
    """Name the places."""
    return {"new": pgettext("customers", "New"), "active": _("Active"), "dormant": _("Dormant"), "lost": _("Lost")}

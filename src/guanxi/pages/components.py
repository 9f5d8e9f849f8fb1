"""The data that components draw: small frozen records, filled by views."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.pages import formats

Text = str | Promise


class Tone(TextChoices):
    """What a colour means; nothing is coloured without one."""

    ACCENT = "accent"
    GOOD = "good"
    WARN = "warn"
    DANGER = "danger"
    INFO = "info"
    MONEY = "money"


@dataclass(frozen=True)
class Metric:
    """A figure against something: label, value, change with what it is compared to, or a note where none compares."""

    label: Text
    value: formats.Figure | str
    change: formats.Change | None = None
    note: Text = ""
    href: str = ""
    series: Sequence[float] = ()
    swatch: int | None = None
    active: bool = False


@dataclass(frozen=True)
class Tab:
    """A view of the same things, or a choice of a segmented control; `count_url` answers its count a moment later."""

    title: Text
    href: str
    count: int | None = None
    active: bool = False
    count_url: str = ""


@dataclass(frozen=True)
class Step:
    """A step of a wizard; one that is done may be gone back to."""

    title: Text
    href: str = ""


@dataclass(frozen=True)
class Occurrence:
    """Something that happened: the sentence, its cause below, money at the right."""

    at: dt.datetime
    sentence: Text
    icon: str = "activity"
    tone: str = ""
    cause: Text = ""
    amount: str = ""


@dataclass(frozen=True)
class Day:
    """What happened on one day, newest first; `note` names a festival."""

    on: dt.date
    occurrences: Sequence[Occurrence]
    note: Text = ""


@dataclass(frozen=True)
class Reach:
    """Whether one message channel reaches a person, and why not."""

    channel: str
    open: bool
    reason: Text = ""

    ORDER = ("email", "sms", "wechat", "push")
    TITLES = {"email": _("E-mail"), "sms": _("SMS"), "wechat": _("WeChat"), "push": _("Push")}

    @property
    def state(self) -> str:
        """Whether it reaches the person, or what stands in the way."""
        return str(_("reachable")) if self.open else str(self.reason or _("not reachable"))


def told(channels: Sequence[Reach]) -> str:
    """Tell which channels reach a person and what stands in the way of the others, each reason once."""
    by_state: dict[str, list[str]] = {}
    for each in channels:
        by_state.setdefault(each.state, []).append(str(Reach.TITLES[each.channel]))
    if len(by_state) == 1:
        return next(iter(by_state))
    if formats.chinese():
        return "；".join(f"{state}：{'、'.join(names)}" for state, names in by_state.items())
    return "; ".join(f"{state}: {', '.join(names)}" for state, names in by_state.items())


@dataclass(frozen=True)
class Part:
    """One piece of a whole, drawn in a colour of the chart series (0 is neutral)."""

    size: int
    series: int = 0


@dataclass(frozen=True)
class Progress:
    """Long work: what, how far, how fast, how much longer. `total` 0 means that it is not known yet."""

    title: Text
    done: int
    total: int = 0
    per_second: float = 0
    poll_url: str = ""
    pause_url: str = ""
    cancel_url: str = ""
    notes: Sequence[Text] = field(default=())

    @property
    def left(self) -> dt.timedelta | None:
        """The time left at the present rate, where it can be known."""
        if not self.total or not self.per_second:
            return None
        return dt.timedelta(seconds=max(0, self.total - self.done) / self.per_second)

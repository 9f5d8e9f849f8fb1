"""What one version of the rules says otherwise than another, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from django.utils.translation import gettext as _

from guanxi.insight import wording
from guanxi.insight.scheme import Dimension, RfmClass, Scheme, titles
from guanxi.pages import formats


@dataclass(frozen=True)
class Change:
    """One thing that changed: what it is, what stood there, what stands there now; empty where there was nothing."""

    subject: str
    was: str
    now: str


def changes(was: Scheme, now: Scheme, currency: str) -> list[Change]:
    """List what changed, dimensions first, classes from the highest down; nothing where both are the same."""
    dimensions = (_dimension(name, was.dimensions[name], each, currency) for name, each in now.dimensions.items())
    found = chain(chain.from_iterable(dimensions), _classes(was, now))
    return [each for each in found if each.was != each.now]


def _dimension(name: str, was: Dimension, now: Dimension, currency: str) -> Iterator[Change]:
    title = {"name": titles()[name]}
    yield Change(_("%(name)s: weight") % title, f"{was.weight_percent}%", f"{now.weight_percent}%")
    yield Change(_("%(name)s: window") % title, window(was), window(now))
    yield Change(_("%(name)s: limits") % title, limits(name, was.limits, currency), limits(name, now.limits, currency))


def window(dimension: Dimension) -> str:
    """Write over which time a dimension looks."""
    if dimension.window_days is None:
        return _("all time")
    return _("%(days)s days") % {"days": formats.count(dimension.window_days)}


def limits(name: str, found: Sequence[int] | None, currency: str) -> str:
    """Write where the bands of a dimension end."""
    if found is None:
        return _("by fifths of the buyers")
    spelled = [formats.money(each, currency) if name == "monetary" else formats.count(each) for each in found]
    return " / ".join(spelled)


def _classes(was: Scheme, now: Scheme) -> Iterator[Change]:
    for each in now.classes:
        before = was.named(each.key)
        yield Change(_("Class “%(name)s”") % {"name": each.name}, _said(was, before), _said(now, each))
    for each in was.classes:
        if now.named(each.key) is None:
            yield Change(_("Class “%(name)s”") % {"name": each.name}, _said(was, each), _("no more"))


def _said(scheme: Scheme, found: RfmClass | None) -> str:
    """Write a class with both its names and where it begins."""
    if found is None:
        return ""
    begins = wording.from_score(scheme, scheme.classes.index(found))
    names = f"{found.name_zh} / {found.name_en}"
    return f"{names} · {_('score from %(score)s') % {'score': begins} if begins else _('all others')}"

"""What the classes are called: those of the rules in force, and of earlier ones that scores may still carry."""

from collections.abc import Callable, Iterator

from django.utils.functional import lazy

from guanxi.customers.classes import CustomerClass
from guanxi.insight.models import RfmScheme
from guanxi.insight.scheme import RfmClass, Scheme

EARLIER = 4  # versions whose labels may still stand on scores while they are computed anew
LAST, OLD = 0, 6  # the colours of the lowest class, and of one that the rules in force do not have


def named_classes() -> list[CustomerClass]:
    """The classes of the rules in force, best first, then those of the versions before."""
    versions = [each.scheme for each in RfmScheme.objects.newest_first()[: 1 + EARLIER]]
    found: dict[str, CustomerClass] = {}
    for scheme in versions:
        for each in _classes(scheme, in_force=scheme is versions[0]):
            found.setdefault(each.label, each)
    return list(found.values())


def series_of(scheme: Scheme, place: int) -> int:
    """Give the class at a place its colour: the lowest is grey."""
    return place + 1 if place + 1 < len(scheme.classes) else LAST


def _name(each: RfmClass) -> str:
    return each.name


_spoken: Callable[[RfmClass], str] = lazy(_name, str)  # in the language of whoever reads it


def _classes(scheme: Scheme, *, in_force: bool) -> Iterator[CustomerClass]:
    for place, each in enumerate(scheme.classes):
        yield CustomerClass(each.key, _spoken(each), series_of(scheme, place) if in_force else OLD)

"""The rules of RFM as one value: windows, limits or quintiles, weights, and the classes a score falls into."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Self

from django.utils.translation import gettext as _

from guanxi.pages import formats
from guanxi.pages.formats import chinese

ALL_TIME_DAYS = 365_000  # a thousand years, for engines that subtract days from a date
MOST_CLASSES = 6
BANDS = 5
DIMENSIONS = ("recency", "frequency", "monetary")
LARGEST = {"recency": ALL_TIME_DAYS, "frequency": 1_000_000, "monetary": 10**15}  # days, orders, minor units
HIGHEST_POINTS = 500
NAME_LETTERS = 40


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """How one of R, F and M is measured and put into five bands.

    Attributes
    ----------
    window_days
        Orders of so many days up to the day count; None: all of them.
    limits
        Four growing limits in days, orders or minor units of the base currency: every one that a value exceeds moves
        it a band, up in frequency and monetary, down in recency. None: quintiles of the buyers in the window.
    weight_percent
        The dimension's part of the score.
    """

    weight_percent: int
    window_days: int | None = None
    limits: tuple[int, int, int, int] | None = None

    @property
    def by_quintile(self) -> bool:
        """Whether the buyers themselves set the limits."""
        return self.limits is None

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Read it back as it is kept."""
        limits = kept["limits"]
        return cls(**{**kept, "limits": tuple(limits) if limits is not None else None})


@dataclass(frozen=True, kw_only=True)
class RfmClass:
    """A named class: everyone whose score, in hundredths, is at least `from_points` and below the next class."""

    key: str
    from_points: int
    name_zh: str
    name_en: str

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return self.name_zh if chinese() else self.name_en


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """The whole rule. Classes go from the highest down; the last takes everyone left."""

    recency: Dimension
    frequency: Dimension
    monetary: Dimension
    classes: tuple[RfmClass, ...]

    @property
    def dimensions(self) -> dict[str, Dimension]:
        """The three dimensions by name."""
        return {name: getattr(self, name) for name in DIMENSIONS}

    def points_of(self, bands: tuple[int, int, int]) -> int:
        """Weigh three bands to a score in hundredths: 100 to 500.

        >>> DEFAULT.points_of((5, 4, 3))
        390
        """
        return sum(each.weight_percent * band for each, band in zip(self.dimensions.values(), bands, strict=True))

    def class_of(self, points: int) -> RfmClass:
        """Find the class of a score in hundredths.

        >>> DEFAULT.class_of(400).key, DEFAULT.class_of(399).key, DEFAULT.class_of(100).key
        ('high_value', 'potential', 'lost')
        """
        return next((each for each in self.classes if points >= each.from_points), self.classes[-1])

    def named(self, key: str) -> RfmClass | None:
        """Find a class by its key; None where the scheme has none of it."""
        return next((each for each in self.classes if each.key == key), None)

    def parameters(self, as_of: dt.date) -> dict[str, Any]:
        """Spell the scheme as the mart's parameters."""
        last = self.classes[-1]
        padded = [*self.classes, *[last] * (MOST_CLASSES - len(self.classes))]
        return {
            "as_of": as_of,
            **{f"{name}_window_days": each.window_days or ALL_TIME_DAYS for name, each in self.dimensions.items()},
            **{
                f"{name}_limit_{nth}": each.limits[nth - 1] if each.limits else None
                for name, each in self.dimensions.items()
                for nth in range(1, BANDS)
            },
            **{f"{name}_weight": each.weight_percent for name, each in self.dimensions.items()},
            **{f"class_{nth}": each.key for nth, each in enumerate(padded, 1)},
            **{f"class_{nth}_from": each.from_points for nth, each in enumerate(padded[:-1], 1)},
        }

    def kept(self) -> dict[str, Any]:
        """Spell the scheme as JSON."""
        return asdict(self)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Read a scheme back from its JSON.

        >>> Scheme.of(DEFAULT.kept()) == DEFAULT
        True
        """
        dimensions = {name: Dimension.of(kept[name]) for name in DIMENSIONS}
        return cls(**dimensions, classes=tuple(RfmClass(**each) for each in kept["classes"]))

    def faults(self) -> Iterator["Fault"]:
        """Say what is wrong with the scheme, a sentence each; nothing where it can be used."""
        total = sum(each.weight_percent for each in self.dimensions.values())
        if total != 100:
            yield Fault("weights", _("The weights add up to %(total)s%%. Make them 100%%.") % {"total": total})
        for name, each in self.dimensions.items():
            yield from _dimension_faults(name, each)
        yield from _class_faults(self.classes)


class Fault(str):
    """A sentence about what is wrong, and the `place` that has to be mended: `recency_limits`, `class_2_name`."""

    __slots__ = ("place",)
    place: str

    def __new__(cls, place: str, sentence: str) -> Self:
        """Say it of a place."""
        fault = super().__new__(cls, sentence)
        fault.place = place
        return fault


def titles() -> dict[str, str]:
    """Name the dimensions in the language of the page."""
    return {"recency": _("Recency"), "frequency": _("Frequency"), "monetary": _("Monetary")}


def _dimension_faults(name: str, dimension: Dimension) -> Iterator[Fault]:
    said = {"name": titles()[name], "most": formats.count(LARGEST[name])}
    if dimension.weight_percent < 0:
        yield Fault(f"{name}_weight", _("The weight of %(name)s is below 0. Give 0 or more.") % said)
    if dimension.window_days is not None and not 0 < dimension.window_days <= ALL_TIME_DAYS:
        sentence = _("The window of %(name)s has no days. Give at least 1 day, or leave it empty for all time.")
        yield Fault(f"{name}_window", sentence % said)
    limits = dimension.limits
    if limits is not None and (len(limits) != BANDS - 1 or any(a >= b for a, b in pairwise(limits))):
        sentence = _("The limits of %(name)s do not grow. Give four, each larger than the one before.")
        yield Fault(f"{name}_limits", sentence % said)
    elif limits is not None and not 0 <= limits[0] <= limits[-1] <= LARGEST[name]:
        sentence = _("A limit of %(name)s is below 0 or too large. Give four from 0 to %(most)s.")
        yield Fault(f"{name}_limits", sentence % said)


def _class_faults(classes: tuple[RfmClass, ...]) -> Iterator[Fault]:
    if not 2 <= len(classes) <= MOST_CLASSES:
        said = {"count": len(classes), "most": MOST_CLASSES}
        yield Fault("classes", _("There are %(count)s classes. Give 2 to %(most)s.") % said)
    if len({each.key for each in classes}) < len(classes):
        yield Fault("classes", _("Two classes have the same key. Give each its own."))
    yield from _name_faults(classes)
    for nth, (above, below) in enumerate(pairwise(classes), 1):
        if above.from_points <= below.from_points:
            sentence = _(
                "The classes do not go down from the highest score. Give each a lower score than the one before."
            )
            yield Fault(f"class_{min(nth + 1, len(classes) - 1)}_from", sentence)
    if classes and classes[0].from_points > HIGHEST_POINTS:
        yield Fault(
            "class_1_from", _("No score is above 5, so nobody could be in the highest class. Let it begin lower.")
        )


def _name_faults(classes: tuple[RfmClass, ...]) -> Iterator[Fault]:
    """Say which names are missing, cannot be shown, or are those of another class in either language."""
    for nth, each in enumerate(classes, 1):
        others = classes[: nth - 1]
        if not each.key or not each.name_zh or not each.name_en:
            yield Fault(f"class_{nth}_name", _("A class has no name. Name each in Chinese and in English."))
        if not all(len(name) <= NAME_LETTERS and name.isprintable() for name in (each.name_zh, each.name_en)):
            sentence = _(
                "A class's name has more than %(most)s letters, or signs that cannot be shown. Name it shorter."
            )
            yield Fault(f"class_{nth}_name", sentence % {"most": NAME_LETTERS})
        if any(each.name_zh == other.name_zh or each.name_en == other.name_en for other in others if other.name_en):
            yield Fault(f"class_{nth}_name", _("Two classes have the same name. Give each its own."))


DEFAULT = Scheme(
    recency=Dimension(weight_percent=30, limits=(7, 30, 90, 180)),
    frequency=Dimension(weight_percent=30, window_days=365),
    monetary=Dimension(weight_percent=40, window_days=365),
    classes=(
        RfmClass(key="high_value", from_points=400, name_zh="高价值", name_en="High-value"),
        RfmClass(key="potential", from_points=300, name_zh="潜力", name_en="Potential"),
        RfmClass(key="ordinary", from_points=200, name_zh="一般", name_en="Ordinary"),
        RfmClass(key="lost", from_points=0, name_zh="流失", name_en="Lost"),
    ),
)

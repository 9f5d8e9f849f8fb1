"""What this context keeps of people, as the register of places has it: who was merged with whom, and who never is."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.customers.places import Place, nobody, register
from guanxi.identity.models import (
    Apart,
    Behind,
    DuplicatePair,
    DuplicateSearch,
    Merge,
    QualityCount,
    Relation,
    RuleSet,
    Stopped,
    Trace,
    Unread,
    Untraced,
)
from guanxi.warehouse.models import bury

LAST = 60


def declare() -> None:
    """Put it into the register."""
    register(
        Place(
            model=Apart, title=_("Who is somebody else"), whose="", profiles_of=("left", "right"), order=LAST - 5,
            copied={"left_id": _("Source profile"), "right_id": _("Other profile"), "at": _("When")},
        ),
        Place(
            model=DuplicatePair, title=_("Probable duplicates"), whose="left", others=("right",), order=LAST - 10,
            copied={
                "left_id": _("Customer"), "right_id": _("Other customer"), "state": _("Decision"),
                "reason": _("Evidence"),
            },
        ),
        Place(
            model=Merge, title=_("Merges"), whose="survivor", others=("other",), profiles_of=("left", "right"),
            order=LAST, before=_before_merges,
            copied={
                "act": _("What"), "rule": _("Rule"), "at": _("When"), "survivor_id": _("Customer"),
                "other_id": _("Merged customer"), "proven_by": _("Evidence"),
            },
        ),
        Place(model=Behind, title=_("Figures of data quality"), order=LAST - 5, copied={"figure": _("Figure")}),
        Place(
            model=Unread, title=_("What could not be read"), whose="", profiles_of=("profile",), order=LAST - 5,
            copied={"kind": _("Kind"), "reason": _("Reason"), "at": _("When")},
        ),
    )  # fmt: skip
    nobody("how many people a figure had", QualityCount)
    nobody("identifiers too many share, by their blind indexes", Stopped)
    nobody("rules, and blocked values by their blind indexes", RuleSet)
    nobody("how many people were compared, and when", DuplicateSearch)
    register(*_graph())
    nobody("numbers of rows that wait", Untraced)


def _graph() -> Iterator[Place]:
    """Give what relations are read from: keyed digests and words of two people, in which nothing can be read."""
    yield Place(
        model=Trace, title=_("Traces of parcels"), whose="", profiles_of=("profile",), order=LAST - 5,
        before=lambda ids: bury("traces", ids),
        copied={"sign": _("What"), "times": _("Parcels"), "first_at": _("First seen"), "last_at": _("Last seen")},
    )  # fmt: skip
    yield Place(
        model=Relation, title=_("Relationships"), whose="", profiles_of=("one", "other"), order=LAST - 5,
        before=_before_relations,
        copied={
            "kind": _("Kind"), "is_related": _("Said to be so"), "source": pgettext_lazy("of data", "Source"),
            "at": _("When"),
        },
    )  # fmt: skip


def _before_relations(ids: Sequence[int]) -> None:
    """Have them leave the lake, and let go of what they lifted."""
    bury("relations", ids)
    Relation.objects.filter(lifted_by__in=ids).update(lifted_by=None)


def _before_merges(ids: Sequence[int]) -> None:
    """Let go of what other acts say of these: what they lifted or undid concerned the same people."""
    Apart.objects.filter(lifted_by__in=ids).delete()
    Apart.objects.filter(merge__in=ids).update(merge=None)
    Merge.objects.filter(undone_by__in=ids).update(undone_by=None)

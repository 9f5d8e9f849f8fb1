"""What of this context is in the settings file: the rules of who is who."""

from collections.abc import Iterator
from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints

from guanxi.identity import rules
from guanxi.identity.rules import BadRules, RuleSet
from guanxi.pages.portable import Part, Record

Word = Annotated[str, StringConstraints(max_length=254)]
Rule = Literal["newest", "trusted", "frequent"]


class Limit(Record):
    """A kind of identifier that joins, and how many profiles may share one."""

    kind: Word
    most: Annotated[int, Field(ge=2, le=rules.MOST)]


class Blocked(Record):
    """A value that joins nobody."""

    kind: Word
    value: Word


class Shown(Record):
    """Which saying of an attribute is shown."""

    name: Rule
    gender: Rule
    birthday: Rule
    place: Rule


class Rules(Record):
    """The rules in force."""

    limits: Annotated[list[Limit], Field(max_length=40)]
    blocked: Annotated[list[Blocked], Field(max_length=rules.MOST_BLOCKED)]
    survivorship: Shown
    trusted: Annotated[list[Word], Field(max_length=200)]
    threshold: Annotated[int, Field(ge=80, le=100)] | None = None
    provider_rules: bool
    shared: Annotated[int, Field(ge=2, le=rules.MOST_SHARED)] = rules.USUAL_SHARED

    @property
    def value(self) -> rules.Rules:
        """The rules as a value."""
        return rules.Rules(
            limits={each.kind: each.most for each in self.limits},
            blocked=tuple((each.kind, each.value) for each in self.blocked),
            survivorship=self.survivorship.model_dump(),
            trusted=tuple(self.trusted),
            threshold=self.threshold,
            provider_rules=self.provider_rules,
            shared=self.shared,
        )


def given() -> Iterator[Rules]:
    """Give the rules in force."""
    now = RuleSet.current().rules
    yield Rules(
        limits=[Limit(kind=kind, most=now.limits[kind]) for kind in rules.KINDS if kind in now.limits],
        blocked=[Blocked(kind=kind, value=value) for kind, value in now.blocked],
        survivorship=Shown.model_validate(dict(now.survivorship)),
        trusted=list(now.trusted),
        threshold=now.threshold,
        provider_rules=now.provider_rules,
        shared=now.shared,
    )


def check(told: Rules) -> None:
    """Refuse rules that contradict themselves."""
    if faults := list(told.value.faults()):
        raise BadRules(" ".join(faults))


PART = Part(
    name="identity", title=_("Who is who"), order=45, record=Rules, give=given, check=check,
    take=lambda told, by: rules.adopt(told.value, by=by), key=lambda _each: "identity",
    label=lambda _each: _("Who is who"),
    fields={
        "limits": _("Identifiers that join"), "blocked": _("Values that never join"),
        "survivorship": _("What a customer shows of several sayings"), "trusted": _("Sources, the most trusted first"),
        "threshold": _("Merge probable duplicates by themselves from"), "provider_rules": _("Rules of mail providers"),
        "shared": _("Most people who share an address"),
    },
)  # fmt: skip

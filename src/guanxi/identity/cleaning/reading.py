"""The outcome of reading a text: its value, what to think of it, why, and what was probably meant."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class Verdict(models.TextChoices):
    """What to think of a text."""

    GOOD = "good", _("Good")
    DOUBTFUL = "doubtful", _("Doubtful")
    UNUSABLE = "unusable", _("Unusable")


class Reason(models.TextChoices):
    """Why a text is doubtful or unusable."""

    EMPTY = "empty", _("Nothing is given.")
    MASKED = "masked", _("It is masked.")
    NO_LETTERS = "no_letters", _("There is no letter in it, only signs or pictures.")
    NOBODY = "nobody", _("It is a word that stands for nobody.")
    DECORATED = "decorated", _("There are pictures or signs in it.")
    TITLED = "titled", _("A form of address is part of it.")
    ONE_CASE = "one_case", _("It is written in capitals or in small letters throughout.")
    NO_PHONE = "no_phone", _("It is no phone number anywhere.")
    INVENTED = "invented", _("Its digits look invented.")
    VIRTUAL = "virtual", _("It is of a virtual operator, whose numbers change hands often.")
    FORWARDED = "forwarded", _("It is a number of a shop's platform that ends with the order.")
    NO_EMAIL = "no_email", _("It is no e-mail address.")
    THROW_AWAY = "throw_away", _("Its provider gives addresses to be thrown away.")
    MISTYPED = "mistyped", _("Its provider is probably mistyped.")
    SHARED_BOX = "shared_box", _("It is the box of an office, not of a person.")
    AMBIGUOUS = "ambiguous", _("There are several places of this name.")
    CONTRADICTS = "contradicts", _("Its places do not lie in each other.")
    NO_PLACE = "no_place", _("No place of the divisions table is in it.")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What became of a text. `value` is empty where it is unusable; `suggestion` is empty where nothing is offered."""

    value: str
    verdict: Verdict = Verdict.GOOD
    reason: Reason | None = None
    suggestion: str = ""

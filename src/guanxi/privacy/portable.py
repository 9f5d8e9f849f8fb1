"""What of this context is in the settings file: the words in force that ask for consents."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from pydantic import StringConstraints

from guanxi.customers.models import Channel, Purpose, Wording
from guanxi.pages.portable import Part, Record

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


class Asked(Record):
    """The words that ask for a channel and purpose in a language."""

    channel: Literal[tuple(Channel.values)]  # type: ignore[valid-type]
    purpose: Literal[tuple(Purpose.values)]  # type: ignore[valid-type]
    language: Literal[LANGUAGES]  # type: ignore[valid-type]
    text: Annotated[str, StringConstraints(min_length=1, max_length=2000)]


def asked() -> Iterator[Asked]:
    """Give the words in force; what people agreed to before is no setting."""
    for each in Wording.objects.in_force().order_by("channel", "purpose", "language"):
        yield Asked(channel=each.channel, purpose=each.purpose, language=each.language, text=each.text)


def take_asked(told: Asked, by: Any) -> None:
    """Have people be asked so."""
    Wording.write(told.text, about=(told.channel, told.purpose), language=told.language, by=by)


PARTS = (
    Part(
        name="wordings", title=_("Words that ask for consents"), order=45, record=Asked, give=asked, take=take_asked,
        key=lambda each: f"{each.channel}.{each.purpose}.{each.language}",
        fields={"channel": _("Channel"), "purpose": _("Purpose"), "language": _("Language"), "text": _("Wording")},
    ),
)  # fmt: skip

"""The time zones of the world, with the words people look for them by."""

import zoneinfo
from functools import cache

from babel.dates import get_timezone_location
from django import forms
from django.utils.translation import get_language

NO_PLACES = ("Etc/", "SystemV/", "US/", "posix", "right")


@cache
def places(language: str) -> list[tuple[str, str]]:
    """List zones by what their place is called in a language.

    >>> dict(places("zh_Hans"))["Asia/Shanghai"], dict(places("en"))["Europe/Berlin"]
    ('上海', 'Berlin')
    """
    zones = (zone for zone in zoneinfo.available_timezones() if "/" in zone and not zone.startswith(NO_PLACES))
    named = {zone: get_timezone_location(zone, locale=language, return_city=True) for zone in zones}
    return sorted(named.items())


class ZoneInput(forms.TextInput):
    """A field in which a zone is found by typing a city; it works without JavaScript."""

    template_name = "accounts/zone.html"

    def get_context(self, name: str, value: object, attrs: dict[str, object] | None) -> dict[str, object]:
        """Bring the zones along."""
        context = super().get_context(name, value, {"list": f"{name}-zones", "autocomplete": "off", **(attrs or {})})
        language = "zh_Hans" if (get_language() or "").startswith("zh") else "en"
        return {**context, "zones": places(language), "list": f"{name}-zones"}

"""URL converters: a route turns a public id into a key, and a word that is none into a 404."""

from django.urls import register_converter
from django.urls.converters import get_converters

from guanxi.core.ids import DIGITS, key_of, public_id


class PublicId:
    """Reads and spells the public ids of one prefix."""

    prefix: str
    regex: str

    def to_python(self, value: str) -> int:
        """Read the key; Django answers 404 on a ValueError."""
        key = key_of(self.prefix, value)
        if key is None:
            raise ValueError(value)
        return key

    def to_url(self, value: int | str) -> str:
        """Spell the key."""
        return public_id(self.prefix, value) if isinstance(value, int) else value


def register(prefix: str) -> None:
    """Make `<prefix:name>` usable in routes; called at the top of every `urls.py` that needs it.

    `<cus:customer_id>` reads `cus_…`.
    """
    if prefix in get_converters():
        return
    members = {"prefix": prefix, "regex": f"{prefix}_[0-9A-Z]{{{DIGITS}}}"}
    register_converter(type(f"{prefix.title()}Id", (PublicId,), members), prefix)

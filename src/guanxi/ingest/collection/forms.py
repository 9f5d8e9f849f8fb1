"""The forms of sources: what one is called, whose ids it bears, who may write with its key, and how much."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils.text import Truncator, slugify
from django.utils.translation import gettext_lazy as _

from guanxi.ingest.models import EventSource
from guanxi.ingest.models.source import USUALLY
from guanxi.orders.models import Store

MOST_ORIGINS, MOST_A_SECOND = 50, 100_000
LONGEST_NAMESPACE, MOST_QUOTED = 40, 60
NOT_AN_ORIGIN = _("%(line)s is no address of a page. Write it as https://shop.example, without a path.")


class SourceForm(forms.Form):
    """What can be changed of a source."""

    name = forms.CharField(
        label=_("What you call it"), max_length=100, help_text=_("The page, the app or the program that sends.")
    )
    store = forms.ModelChoiceField(
        Store.objects.order_by("name"), label=_("Store"), required=False, empty_label=_("none of them alone"),
        help_text=_("Whose orders it tells of."),
    )  # fmt: skip
    origins = forms.CharField(
        label=_("Pages that may write"), required=False, max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "placeholder": "https://shop.example"}),
        help_text=_("One address a line. Without any, pages of every address may; programs always may."),
    )  # fmt: skip
    per_second = forms.IntegerField(
        label=_("Requests a second, at most"), min_value=1, max_value=MOST_A_SECOND, initial=USUALLY,
        help_text=_("What comes beyond that is told to come again later; a library tries it again by itself."),
    )  # fmt: skip

    def __init__(self, *args: Any, source: EventSource | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = source

    def clean_name(self) -> str:
        """Refuse a name that another source bears."""
        name: str = self.cleaned_data["name"]
        others = EventSource.objects.exclude(pk=self.source.pk) if self.source else EventSource.objects.all()
        if others.filter(name=name).exists():
            raise forms.ValidationError(_("Another source is called so. Choose another name."))
        return name

    def clean_origins(self) -> list[str]:
        """Read addresses, each as a browser writes it."""
        lines = [line.strip() for line in self.cleaned_data["origins"].splitlines() if line.strip()]
        if len(lines) > MOST_ORIGINS:
            raise forms.ValidationError(_("These are more than %(most)s addresses.") % {"most": MOST_ORIGINS})
        return list(dict.fromkeys(origin(line) for line in lines))


class NewSourceForm(SourceForm):
    """A new source, which also says whose ids it bears: that stays."""

    namespace = forms.CharField(
        label=_("Whose ids it sends"), required=False, max_length=LONGEST_NAMESPACE,
        help_text=_(
            "A short word, as “shop”. Sources with the same word know the same people by the same ids: a page and its "
            "server, say. Left empty it is made of the name. It cannot be changed later."
        ),
    )  # fmt: skip
    field_order = ("name", "namespace", "store", "origins", "per_second")

    def clean_namespace(self) -> str:
        """Refuse what is no short word."""
        word: str = self.cleaned_data["namespace"].strip()
        if word and slugify(word) != word:
            raise forms.ValidationError(_("Use small Latin letters, digits and hyphens alone."))
        return word

    def clean(self) -> dict[str, Any]:
        """Make the word of the name where none was given."""
        told = self.cleaned_data
        if not told.get("namespace") and "namespace" in told:
            told["namespace"] = slugify(told.get("name", ""))[:LONGEST_NAMESPACE] or "shop"
        return told


def origin(line: str) -> str:
    """Read the address of a page as browsers tell it: scheme, host and port. Raises ValidationError.

    >>> origin("https://Shop.example/"), origin("shop.example"), origin("http://localhost:3000")
    ('https://shop.example', 'https://shop.example', 'http://localhost:3000')
    """
    told = line if "://" in line else f"https://{line}"
    try:
        parts = urlsplit(told.lower())
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError):
        raise forms.ValidationError(NOT_AN_ORIGIN, params={"line": quoted(line)}) from None
    more = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    known = all(sign.isalnum() or sign in "-.:" for sign in host)
    if parts.scheme not in {"http", "https"} or not host or more or not known:
        raise forms.ValidationError(NOT_AN_ORIGIN, params={"line": quoted(line)})
    usual = {"http": 80, "https": 443}[parts.scheme]
    named = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{named}" + (f":{port}" if port and port != usual else "")


def quoted(line: str) -> str:
    """Give what was typed as an error can show it: short, without signs that turn the writing after them round.

    >>> quoted("shop\u202e.example/" + "a" * 200)
    'shop.example/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…'
    """
    return Truncator("".join(sign for sign in line if sign.isprintable())).chars(MOST_QUOTED)

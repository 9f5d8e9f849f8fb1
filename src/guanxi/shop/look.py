"""How the pages of a shop look: its logo, its colour, and the language of who has chosen none.

It stands in files beside the book, in the folder `media`, so that no page asks the database for it.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.guard.pictures import TYPES, Picture
from guanxi.pages import shell
from guanxi.shop import colours

FILE = "look.json"
LANGUAGES = [name for name, _title in settings.LANGUAGES]


@dataclass(frozen=True)
class Look:
    """What was decided; what is empty is as it comes. `logo` is the name of a file, named by what is in it."""

    accent: str = ""
    accent_dark: str = ""
    logo: str = ""
    language: str = ""

    @property
    def dark(self) -> str:
        """The accent of the dark theme."""
        return self.accent_dark or (colours.in_the_dark(self.accent) if self.accent else "")

    @property
    def stylesheet(self) -> str:
        """What differs from the style as it comes."""
        if not self.accent:
            return ""
        pairs = colours.tokens(self.accent, self.dark)
        said = (f"--gx-{name}: light-dark({light}, {dark});" for name, (light, dark) in pairs.items())
        return f":root {{ {' '.join(said)} }}\n"

    @property
    def mark(self) -> str:
        """Tell this style from others."""
        return sha256(self.stylesheet.encode()).hexdigest()[:12]

    @property
    def picture(self) -> Path | None:
        """Find the file of the logo."""
        path = folder() / self.logo
        return path if self.logo and path.is_file() else None

    @property
    def content_type(self) -> str:
        """The one type the logo is sent as."""
        return TYPES[self.logo.rpartition(".")[2]]


def folder() -> Path:
    """Where it stands."""
    return Path(settings.MEDIA_ROOT) / "look"


def current() -> Look:
    """Give the look as it is; a file that nobody can read is as if there were none."""
    path = folder() / FILE
    try:
        state = path.stat()
    except OSError:
        return Look()
    return _read(path, state.st_mtime_ns, state.st_ino)


@lru_cache(maxsize=4)
def _read(path: Path, _written: int, _place: int) -> Look:
    try:
        told = json.loads(path.read_text())
        look = Look(**{name: str(told.get(name, "")) for name in asdict(Look())})
    except (OSError, ValueError, AttributeError):
        return Look()
    sound = all(not each or colours.HEX.match(each) for each in (look.accent, look.accent_dark))
    known = look.logo.rpartition(".")[2] in TYPES and "/" not in look.logo
    return replace(look if sound else Look(language=look.language), logo=look.logo if known else "")


@transaction.atomic
def change(told: dict[str, Any], *, picture: Picture | None = None, by: Staff | None) -> list[str]:
    """Have the shop look otherwise; says what changed, and does nothing where nothing does."""
    was = current()
    now = replace(was, **told, **({"logo": picture.file} if picture else {}))
    changes = {name: (getattr(was, name), value) for name, value in asdict(now).items() if getattr(was, name) != value}
    if changes:
        AuditEntry.write("look.changed", by=by, on="look:shop", changes=changes)
        folder().mkdir(parents=True, exist_ok=True)
        if picture:
            _put(folder() / picture.file, picture.data)
        _put(folder() / FILE, json.dumps(asdict(now)).encode())
    return list(changes)


def _put(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    draft = path.with_name(f".{path.name}.part")
    draft.write_bytes(data)
    draft.replace(path)


def shown() -> shell.Look:
    """Tell the shell where the style and the logo are."""
    look = current()
    style = f"{reverse('shop:style')}?{look.mark}" if look.accent else ""
    return shell.Look(style, reverse("shop:logo", args=[look.logo.partition(".")[0]]) if look.picture else "")


class Language:
    """Speaks the shop's language to who has chosen none: what the browser asks for counts where the shop has none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        language = current().language
        if language in LANGUAGES and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(language)
            request.LANGUAGE_CODE = language
        return self.get_response(request)

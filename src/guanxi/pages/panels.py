"""Panels: a context's corner on another context's page, loaded by a request of its own."""

from dataclasses import dataclass
from typing import Literal, Protocol

from django.utils.functional import Promise

Place = Literal["facts", "main", "side"]


class Viewer(Protocol):
    """Whoever looks at a page."""

    def may(self, permission: str) -> bool:
        """Tell whether the role allows it."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One corner: `url_name` is the route that answers with it, given the subject's public id as `<subject>_id`.

    `height` is the place reserved while it loads, 1 to 5; `tab` names where a phone shows it.
    """

    subject: str
    name: str
    title: str | Promise
    url_name: str
    place: Place = "main"
    order: int = 100
    permission: str = ""
    height: int = 3
    tab: str = "overview"


_panels: dict[tuple[str, str], Panel] = {}


def register(panel: Panel) -> None:
    """Offer a panel; called in `AppConfig.ready()`. The same name twice keeps the later one."""
    _panels[panel.subject, panel.name] = panel


def panels_for(subject: str, viewer: Viewer) -> list[Panel]:
    """List the panels of a subject that the viewer may see, in their declared order."""
    seen = [panel for panel in _panels.values() if panel.subject == subject]
    allowed = [panel for panel in seen if not panel.permission or viewer.may(panel.permission)]
    return sorted(allowed, key=lambda panel: (panel.order, panel.name))

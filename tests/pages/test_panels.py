import pytest

from guanxi.pages import panels
from guanxi.pages.panels import Panel


class Clerk:
    def may(self, permission: str) -> bool:
        return permission == "orders.view"


def test_a_page_shows_the_panels_its_viewer_may_see_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "_panels", {})
    for name, order, permission in [("notes", 30, ""), ("orders", 10, "orders.view"), ("value", 5, "insight.view")]:
        panel = Panel(subject="customer", name=name, title=name, url_name=name, order=order, permission=permission)
        panels.register(panel)
    panels.register(Panel(subject="order", name="stock", title="stock", url_name="stock"))
    assert [panel.name for panel in panels.panels_for("customer", Clerk())] == ["orders", "notes"]

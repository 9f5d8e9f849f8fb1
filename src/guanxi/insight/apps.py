"""How Django finds this context, and what it registers when the program starts."""

from pathlib import Path

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.insight"
    label = "insight"

    def ready(self) -> None:
        """Declare the marts, the periodic work, the customer's panel and the page of the rules."""
        from guanxi.core import panels
        from guanxi.core.jobs import periodic
        from guanxi.customers import classes
        from guanxi.insight import naming, tasks
        from guanxi.pages import navigation
        from guanxi.warehouse.marts import Mart
        from guanxi.warehouse.registry import register

        register(*(Mart(path.stem, path) for path in sorted((Path(__file__).parent / "sql").glob("*.sql"))))
        classes.provide(naming.named_classes)
        periodic.every(60, tasks.refresh_rfm)
        panels.register(
            panels.Panel(
                subject="customer", name="rfm", title=_("Why this class?"), url_name="insight:customer-rfm",
                place="side", order=20, permission="customers.view",
            )
        )  # fmt: skip
        navigation.register(
            navigation.Entry("insight", "value", _("Value"), "insight:rfm", order=10, permission="insight.view")
        )
        navigation.register(
            navigation.Entry("settings", "rules", _("Fields & rules"), "insight:rules", permission="rules.change")
        )

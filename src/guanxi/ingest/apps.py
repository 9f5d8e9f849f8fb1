"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IngestConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.ingest"
    label = "ingest"

    def ready(self) -> None:
        """Register the page of the imports, the daily sweep, and the work that imports leave."""
        from guanxi.core.jobs import periodic
        from guanxi.ingest import tasks, unsettled
        from guanxi.pages import home, navigation

        periodic.every(tasks.DAY, tasks.sweep_imports)

        navigation.register(
            navigation.Entry(
                "data", "imports", _("Imports"), "imports", "file-import", order=10, permission="imports.view"
            )
        )
        home.register(*unsettled.QUEUES)

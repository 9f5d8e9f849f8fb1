"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig


class WarehouseConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.warehouse"
    label = "warehouse"

    def ready(self) -> None:
        """Register the checks and the periodic work."""
        from guanxi.core.jobs import periodic
        from guanxi.warehouse import checks, tasks  # noqa: F401 - importing registers them

        periodic.every(15, tasks.sync_lake)
        periodic.every(86_400, tasks.fold_lake, offset=19 * 3600)  # three in the morning in China

"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.core"
    label = "core"

    def ready(self) -> None:
        """Register core's periodic work."""
        from guanxi.core.jobs import periodic, tasks

        periodic.every(3600, tasks.sweep_jobs)

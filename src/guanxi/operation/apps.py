"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.operation"
    label = "operation"

    def ready(self) -> None:
        """Register the page of the jobs, the doctor's checks, and what every page says while nothing is sent."""
        from guanxi.accounts import trail
        from guanxi.operation import banner, checks, deeds  # noqa: F401 - importing the checks registers them
        from guanxi.pages import navigation, setup, shell, work

        shell.provide(banner=banner.banner)
        trail.register("operation", deeds.OPERATION)
        trail.register("job", deeds.JOB)
        work.register(deeds.WORK, url_name="operation:backups", permission="operation.view")
        navigation.register(
            navigation.Entry(
                "data", "jobs", _("Jobs"), "operation:jobs", "activity", order=90, permission="operation.view"
            )
        )
        navigation.register(
            navigation.Entry(
                "data", "backups", _("Backups"), "operation:backups", "lock", order=91, permission="operation.view"
            )
        )
        setup.register(
            setup.Card(
                "jobs", "keeping", _("Jobs and sending"),
                _("What the machine does, and the switch that pauses all sending."),
                "operation:jobs", "activity", 40, "operation.view",
            )
        )  # fmt: skip

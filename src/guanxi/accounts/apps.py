"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Register the periodic work."""
        from guanxi.accounts import tasks  # noqa: PLC0415 - models load first
        from guanxi.core.jobs import periodic  # noqa: PLC0415

        periodic.every(86_400, tasks.forget_old_attempts)

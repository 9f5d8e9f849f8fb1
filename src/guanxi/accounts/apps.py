"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Register the periodic work."""
        from guanxi.accounts import tasks
        from guanxi.core.jobs import periodic

        periodic.every(86_400, tasks.forget_old_attempts)

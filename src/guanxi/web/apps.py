"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.web"
    label = "web"

    def ready(self) -> None:
        """Bring the doctor's checks of the machine."""
        from guanxi.web import checks  # noqa: F401 - importing registers them

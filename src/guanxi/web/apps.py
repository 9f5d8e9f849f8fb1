"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.web"
    label = "web"

    def ready(self) -> None:
        """Bring the doctor's checks of the machine, and tell the shell what it shows of the shop."""
        from guanxi.pages import shell
        from guanxi.web import checks, frame  # noqa: F401 - importing the checks registers them

        shell.provide(shop=frame.shop, as_of=frame.as_of, search="customers:list")

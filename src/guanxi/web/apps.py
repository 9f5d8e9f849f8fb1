"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.web"
    label = "web"

    def ready(self) -> None:
        """Bring the doctor's checks of the machine, the home page, and what the shell shows of the shop."""
        from guanxi.pages import home, navigation, shell
        from guanxi.web import checks, frame  # noqa: F401 - importing the checks registers them

        shell.provide(shop=frame.shop, as_of=frame.as_of, search="customers:list")
        navigation.register(navigation.Entry("home", "home", _("Home"), "home", "home-2", order=0))
        home.register(
            home.Card(
                name="metrics", title=_("Figures"), url_name="home-metrics", order=10, span=12, height=1,
                permission="insight.view",
            ),
            home.Card(
                name="queues", title=_("Needs you today"), url_name="home-queues", order=20, span=4, height=4,
                first_for=("agent",),
            ),
        )  # fmt: skip

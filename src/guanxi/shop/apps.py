"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShopConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.shop"
    label = "shop"

    def ready(self) -> None:
        """Register the home of the settings."""
        from guanxi.pages.navigation import Entry, register

        register(
            Entry(
                "settings", "settings-home", _("All settings"), "shop:home", "adjustments", order=0,
                permission="rules.change",
            )
        )  # fmt: skip

"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShopConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.shop"
    label = "shop"

    def ready(self) -> None:
        """Register the home of the settings."""
        from guanxi.accounts import trail
        from guanxi.pages import setup
        from guanxi.pages.navigation import Entry, register
        from guanxi.shop import deeds

        register(
            Entry(
                "settings", "settings-home", _("All settings"), "shop:home", "adjustments", order=0,
                permission="rules.change",
            )
        )  # fmt: skip
        register(
            Entry(
                "settings",
                "fields",
                _("Fields of your own"),
                "shop:fields",
                "forms",
                order=40,
                permission="rules.change",
            )
        )
        setup.register(
            setup.Card(
                "fields", "records", _("Fields of your own"), _("What only your shop asks of customers and orders."),
                "shop:fields", "forms", 10, told=deeds.fields_told,
            )
        )  # fmt: skip
        trail.register("customfield", deeds.FIELD)

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
        self._register_calendar()
        self._register_look()
        self._register_file()

    def _register_calendar(self) -> None:
        from guanxi.accounts import trail
        from guanxi.pages import home, navigation, setup
        from guanxi.shop import calendar, deeds

        title = _("Calendar")
        text = _("Public holidays, weekends that are worked, and the weeks of trade, as charts name them.")
        navigation.register(
            navigation.Entry("settings", "calendar", title, "shop:calendar", "calendar", 45, "rules.change")
        )
        setup.register(setup.Card("calendar", "shop", title, text, "shop:calendar", "calendar", 20))
        home.register(calendar.QUEUE)
        trail.register("calendarentry", deeds.CALENDAR)

    def _register_look(self) -> None:
        from guanxi.accounts import trail
        from guanxi.pages import navigation, setup, shell
        from guanxi.shop import deeds, look

        title, text = _("Look"), _("The logo, the colour, and the language of who has chosen none.")
        navigation.register(navigation.Entry("settings", "look", title, "shop:look", "palette", 46, "rules.change"))
        setup.register(setup.Card("look", "shop", title, text, "shop:look", "palette", 30))
        shell.provide(look=look.shown)
        trail.register("look", deeds.LOOK)

    def _register_file(self) -> None:
        from guanxi.accounts import trail
        from guanxi.pages import portable, setup
        from guanxi.shop import deeds
        from guanxi.shop.portable import PARTS

        portable.register(*PARTS)
        title, text = _("Settings file"), _("All settings as one file, for another installation or for the drawer.")
        setup.register(
            setup.Card("file", "keeping", title, text, "shop:file", "file-settings", 60, "roles.change")
        )  # fmt: skip
        trail.register("settings", deeds.SETTINGS)

"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.customers"
    label = "customers"

    def ready(self) -> None:
        """Offer what this context knows to the lake, the navigation, and a customer's page."""
        from guanxi.accounts import trail
        from guanxi.core.jobs import duties
        from guanxi.customers import deeds, dispatch, facts, kept, live, own, palette, stories, timeline, withheld
        from guanxi.customers.dynamics import keeping
        from guanxi.pages import commands, home, navigation
        from guanxi.shop import fields
        from guanxi.warehouse.registry import register

        fields.register(own.SHELF)
        dispatch.register("habits", keeping.follow, ahead=keeping.ahead, order=20)
        dispatch.rederive("habits", keeping.follow, order=20)
        kept.declare()
        duties.register(dispatch.tend)
        register(facts.CUSTOMERS, facts.PROFILES, facts.EVENTS, facts.TIMELINE, *facts.FEEDS)
        timeline.register(stories.CHAPTER)
        words = {"customer": deeds.CUSTOMER, "customers": deeds.SELECTION, "bulkact": deeds.MANY}
        for kind, told in {**words, "plainexport": deeds.WITHHELD}.items():
            trail.register(kind, told)
        home.register(live.CARD, withheld.QUEUE)
        for offered in (palette.FINDER, *palette.COMMANDS):
            commands.register(offered)
        navigation.register(
            navigation.Entry(
                "customers", "customers", _("All customers"), "customers:list", order=10, permission="customers.view"
            )
        )
        self._register_tags()
        from guanxi.customers.portable import PARTS
        from guanxi.pages import portable

        portable.register(*PARTS)
        self._register_panels()

    def _register_tags(self) -> None:
        from guanxi.accounts import trail
        from guanxi.customers import deeds
        from guanxi.pages import navigation, setup

        navigation.register(
            navigation.Entry(
                "customers", "tags", _("Tags"), "customers:tag-groups", order=30, permission="rules.change"
            )
        )
        setup.register(
            setup.Card(
                "tags", "records", _("Tags"),
                _("The words for customers, their groups, and of which there is one at most."),
                "customers:tag-groups", "tags", 20,
            )
        )  # fmt: skip
        trail.register("tag", deeds.TAG)
        trail.register("taggroup", deeds.TAG_GROUP)

    def _register_panels(self) -> None:
        from guanxi.pages.panels import Panel, Place, register

        offered: tuple[tuple[str, str | Promise, Place, int, int, str], ...] = (
            ("attributes", _("Who they are"), "facts", 5, 3, "about"),
            ("identity", _("Identity"), "facts", 10, 2, "about"),
            ("consents", _("May we speak to them?"), "facts", 20, 3, "about"),
            ("habits", _("From what they do"), "facts", 25, 5, "about"),
            ("tags", _("Tags"), "facts", 30, 1, "about"),
            ("timeline", _("Timeline"), "main", 20, 5, "overview"),
            ("notes", _("Notes"), "side", 30, 2, "notes"),
        )
        for name, title, place, order, height, tab in offered:
            panel = Panel(
                subject="customer", name=name, title=title, url_name=f"customers:{name}", place=place,
                order=order, height=height, tab=tab, permission="customers.view",
            )  # fmt: skip
            register(panel)

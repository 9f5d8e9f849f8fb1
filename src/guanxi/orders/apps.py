"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.orders"
    label = "orders"

    def ready(self) -> None:
        """Offer what this context knows to the lake, the customers' pages and the navigation."""
        from guanxi.accounts import trail
        from guanxi.core import effects
        from guanxi.core.jobs import periodic
        from guanxi.customers import timeline, trade
        from guanxi.customers.dynamics import trading
        from guanxi.identity.graph import sources
        from guanxi.orders import facts, figures, habits, kept, own, palette, parcels, reveal, shipping, stories, tasks
        from guanxi.pages import commands, home, navigation
        from guanxi.shop import fields
        from guanxi.warehouse.registry import register

        fields.register(own.SHELF)
        kept.declare()
        sources.register(parcels.SOURCE)
        register(facts.ORDERS, facts.ORDER_LINES, facts.REFUNDS, facts.REFUND_LINES, *facts.FEEDS)
        trade.register(figures.OrderTrade())
        trading.register("orders", habits.traded, zone=habits.zone, permission="orders.view")
        timeline.register(stories.CHAPTER)
        commands.register(palette.FINDER)
        navigation.register(
            navigation.Entry("orders", "orders", _("All orders"), "orders:list", order=10, permission="orders.view")
        )
        effects.on("customers moved", figures.follow, order=10)
        periodic.every(60, tasks.settle_purchases, offset=15)
        home.register(shipping.QUEUE, shipping.CARD)
        trail.register("order", reveal.WORDS)
        trail.register("orders", reveal.EXPORTED)
        self._register_stores()
        from guanxi.orders.portable import PARTS
        from guanxi.pages import portable

        portable.register(*PARTS)
        self._register_panels()

    def _register_stores(self) -> None:
        from guanxi.accounts import trail
        from guanxi.orders import deeds
        from guanxi.pages import navigation, setup

        stores = _("Stores")
        navigation.register(
            navigation.Entry("settings", "stores", stores, "orders:stores", "building-store", 10, "rules.change")
        )
        text = _("What the shop and its stores are called, their currencies and clocks.")
        setup.register(setup.Card("stores", "shop", stores, text, "orders:stores", "building-store", 10))
        trail.register("store", deeds.STORE)
        trail.register("company", deeds.COMPANY)

    def _register_panels(self) -> None:
        from guanxi.pages.panels import Panel, register

        register(
            Panel(
                subject="customer", name="figures", title=_("Figures"), url_name="orders:customer-figures",
                place="main", order=10, height=1, permission="orders.view",
            )
        )  # fmt: skip
        register(
            Panel(
                subject="customer", name="orders", title=_("Orders"), url_name="orders:customer-orders",
                place="main", order=30, height=4, tab="orders", permission="orders.view",
            )
        )  # fmt: skip

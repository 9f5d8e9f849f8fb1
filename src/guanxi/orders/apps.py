"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.orders"
    label = "orders"

    def ready(self) -> None:
        """Offer what this context knows to the lake."""
        from guanxi.orders import facts
        from guanxi.warehouse.registry import register

        register(facts.ORDERS, facts.ORDER_LINES, facts.REFUNDS, facts.REFUND_LINES, *facts.FEEDS)

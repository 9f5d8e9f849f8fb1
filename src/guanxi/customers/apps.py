"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.customers"
    label = "customers"

    def ready(self) -> None:
        """Offer what this context knows to the lake."""
        from guanxi.customers import facts
        from guanxi.warehouse.registry import register

        register(facts.CUSTOMERS, facts.PROFILES, *facts.FEEDS)

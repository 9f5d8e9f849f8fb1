"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.catalog"
    label = "catalog"

    def ready(self) -> None:
        """Offer what this context knows to the lake."""
        from guanxi.catalog import facts
        from guanxi.warehouse.registry import register

        register(facts.PRODUCTS, *facts.FEEDS)

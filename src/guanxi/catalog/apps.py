"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.catalog"
    label = "catalog"

    def ready(self) -> None:
        """Offer what this context knows to the lake, the navigation and the palette."""
        from guanxi.accounts import trail
        from guanxi.catalog import deeds, facts, palette
        from guanxi.pages import commands, navigation
        from guanxi.warehouse.registry import register

        register(facts.PRODUCTS, *facts.FEEDS)
        commands.register(palette.FINDER)
        trail.register("products", trail.selection("products", _("Exported products"), _("Products"), "catalog:list"))
        trail.register("product", deeds.PRODUCT)
        navigation.register(
            navigation.Entry("orders", "products", _("Products"), "catalog:list", order=30, permission="catalog.view")
        )

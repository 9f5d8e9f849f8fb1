"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.catalog"
    label = "catalog"

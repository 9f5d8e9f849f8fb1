"""How Django finds this context."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The app of the demo shop; it has no tables and no pages."""

    name = "guanxi.demo"
    label = "demo"

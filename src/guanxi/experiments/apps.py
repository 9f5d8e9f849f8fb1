"""How Django finds this context."""

from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.experiments"
    label = "experiments"

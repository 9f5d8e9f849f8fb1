"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig


class OperationConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.operation"
    label = "operation"

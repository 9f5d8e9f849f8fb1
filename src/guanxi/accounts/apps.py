"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.accounts"
    label = "accounts"

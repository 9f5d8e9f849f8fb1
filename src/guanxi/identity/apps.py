"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.identity"
    label = "identity"

    def ready(self) -> None:
        """Say what this context keeps of people."""
        from guanxi.identity import kept

        kept.declare()

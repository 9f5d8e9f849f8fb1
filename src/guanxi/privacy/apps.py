"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.privacy"
    label = "privacy"

    def ready(self) -> None:
        """Offer the settings of privacy, and a customer's panel."""
        from guanxi.accounts import trail
        from guanxi.pages import navigation, panels, portable, setup
        from guanxi.privacy import deeds
        from guanxi.privacy.portable import PARTS

        title, text = _("Privacy"), _("The words that ask for consents, what is kept how long, and who was erased.")
        navigation.register(
            navigation.Entry("settings", "privacy", title, "privacy:wordings", "shield-lock", 48, "rules.change")
        )
        setup.register(setup.Card("privacy", "keeping", title, text, "privacy:wordings", "shield-lock", 30))
        panels.register(
            panels.Panel(
                subject="customer", name="privacy", title=title, url_name="privacy:panel", place="facts", order=25,
                height=1, tab="about", permission="customers.view",
            )
        )  # fmt: skip
        trail.register("wording", deeds.WORDING)
        portable.register(*PARTS)

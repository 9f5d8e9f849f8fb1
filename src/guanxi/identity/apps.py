"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IdentityConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.identity"
    label = "identity"

    def ready(self) -> None:
        """Declare the page of the rules, their words in the audit trail, and their part of the settings file."""
        from guanxi.identity import kept

        kept.declare()
        self._register_rules()

    def _register_rules(self) -> None:
        from guanxi.accounts import trail
        from guanxi.identity import deeds, tasks
        from guanxi.identity.portable import PART
        from guanxi.pages import navigation, portable, setup, work

        title, text = _("Who is who"), _("What makes two profiles one customer, and what that customer shows.")
        navigation.register(
            navigation.Entry("settings", "identity", title, "identity:rules", "users", 42, "rules.change")
        )
        setup.register(setup.Card("identity", "records", title, text, "identity:rules", "users", 40))
        portable.register(PART)
        trail.register("ruleset", deeds.RULES)
        failed = {tasks.resolve_everybody.module_path: _("Who is who could not be found anew.")}
        work.register(failed, url_name="identity:rules", permission="rules.change")

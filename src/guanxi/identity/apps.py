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
        self._register_merges()
        self._register_graph()

    def _register_merges(self) -> None:
        from guanxi.customers import timeline, verbs
        from guanxi.identity import by_command, stories
        from guanxi.pages import panels

        timeline.register(stories.CHAPTER)
        verbs.register(*by_command.VERBS)
        panels.register(
            panels.Panel(
                subject="customer", name="who", title=_("One person or two?"), url_name="identity:panel",
                place="facts", order=12, height=1, tab="about", permission="customers.view",
            )
        )  # fmt: skip

    def _register_graph(self) -> None:
        from guanxi.core.jobs import periodic
        from guanxi.identity import facts, tasks
        from guanxi.pages import panels
        from guanxi.warehouse.registry import register

        register(*facts.TABLES, *facts.FEEDS)
        periodic.every(60, tasks.trace_parcels, offset=45)
        panels.register(
            panels.Panel(
                subject="customer", name="relations", title=_("Relationships"), url_name="identity:relations",
                place="main", order=40, height=2, tab="about", permission="customers.view",
            )
        )  # fmt: skip

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

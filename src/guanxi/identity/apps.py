"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IdentityConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.identity"
    label = "identity"

    def ready(self) -> None:
        """Declare the page of the rules, their words in the audit trail, and their part of the settings file."""
        from guanxi.customers import dispatch
        from guanxi.identity import devices, kept

        kept.declare()
        dispatch.rederive("stitching", devices.follow, order=10)
        self._register_rules()
        self._register_quality()
        self._register_merges()
        self._register_duplicates()
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
        failed = {
            tasks.resolve_everybody.module_path: _("Who is who could not be found anew."),
            tasks.rehearse_rules.module_path: _("Who would change could not be found out."),
        }
        work.register(failed, url_name="identity:rules", permission="rules.change")

    def _register_duplicates(self) -> None:
        from guanxi.accounts import trail
        from guanxi.core.jobs import periodic
        from guanxi.identity import deeds, tasks
        from guanxi.identity.duplicates import waiting
        from guanxi.pages import home, navigation, work

        periodic.every(86_400, tasks.search_duplicates, offset=20 * 3600)  # four in the morning in China
        periodic.every(600, tasks.search_new_duplicates, offset=300)
        trail.register("duplicatepair", deeds.DUPLICATES)
        home.register(waiting.QUEUE)
        navigation.register(
            navigation.Entry(
                "customers", "duplicates", _("Probable duplicates"), "identity:duplicates", order=40,
                permission="customers.view", count=waiting.count,
            )
        )  # fmt: skip
        failed = {tasks.search_duplicates.module_path: _("Probable duplicates could not be searched for.")}
        work.register(failed, url_name="identity:duplicates", permission="customers.change")

    def _register_quality(self) -> None:
        from guanxi.core.jobs import periodic
        from guanxi.customers import doubts, roster
        from guanxi.identity import tasks
        from guanxi.identity.cleaning.emails import judge_known
        from guanxi.identity.quality.narrowing import BEHIND
        from guanxi.pages import navigation, work

        title = _("Data quality")
        navigation.register(
            navigation.Entry("customers", "quality", title, "identity:quality", order=50, permission="quality.view")
        )
        periodic.every(tasks.DAY, tasks.count_quality, offset=20 * 3600)  # four in the morning in China
        failed = {tasks.count_quality.module_path: _("Data quality could not be counted.")}
        work.register(failed, url_name="identity:quality", permission="quality.view")
        roster.narrow_by(BEHIND)
        doubts.judge_by("email", lambda address: judge_known(address).suggestion)

"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IngestConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.ingest"
    label = "ingest"

    def ready(self) -> None:
        """Register the page of the imports, the daily sweep, and the work that imports leave."""
        from guanxi.accounts import trail
        from guanxi.core.jobs import periodic
        from guanxi.ingest import kept, news, tasks, unsettled
        from guanxi.pages import commands, home, navigation, notices

        kept.declare()
        periodic.every(tasks.DAY, tasks.sweep_imports)
        notices.register("imports", news.of_imports)
        commands.register(
            commands.Command(
                name="import", title=_("Import a file"), url_name="import-new", icon="upload", order=20,
                permission="imports.run", words="upload",
            )
        )  # fmt: skip
        navigation.register(
            navigation.Entry(
                "data", "imports", _("Imports"), "imports", "file-import", order=10, permission="imports.view"
            )
        )
        home.register(*unsettled.QUEUES)
        trail.register("import", news.WORDS)
        self._register_stream()
        self._register_webhooks()

    def _register_stream(self) -> None:
        from guanxi.core.jobs import duties
        from guanxi.customers import dispatch, timeline
        from guanxi.ingest.collection import inbox, stories, told, working
        from guanxi.ingest.ordering import following, goods
        from guanxi.operation import bookcopy, move
        from guanxi.pages import navigation

        for chapter in stories.CHAPTERS:
            timeline.register(chapter)
        duties.register(working.tend)
        duties.register(following.tend)
        dispatch.register("goods", goods.follow, ahead=goods.ahead, order=30)
        dispatch.rederive("goods", goods.follow, order=30)
        bookcopy.beside(inbox.FILE)
        move.before(working.finish)
        navigation.register(
            navigation.Entry(
                "data", "events", _("Events"), "event-sources", "activity", order=30, permission="events.view"
            )
        )
        told.register()

    def _register_webhooks(self) -> None:
        from guanxi.accounts import trail
        from guanxi.core.jobs import duties
        from guanxi.customers import dispatch
        from guanxi.ingest.webhooks import checks, kept, news, rounds, telling  # noqa: F401 - checks register themselves
        from guanxi.pages import navigation, notices, setup

        kept.declare()
        dispatch.register("webhooks", telling.tell, order=50)
        duties.register(rounds.tend)
        notices.register("webhooks", news.of_webhooks)
        trail.register("webhook", news.WORDS)
        navigation.register(
            navigation.Entry(
                "settings", "webhooks", _("Webhooks"), "webhooks", "send", order=31, permission="webhooks.change"
            )
        )
        setup.register(
            setup.Card(
                "webhooks", "people", _("Webhooks"), _("Which programs are told what happens, and how that goes."),
                "webhooks", "send", 45, "webhooks.change",
            )
        )  # fmt: skip

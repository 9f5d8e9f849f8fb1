"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig


class WarehouseConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.warehouse"
    label = "warehouse"

    def ready(self) -> None:
        """Register the checks, the periodic work and what the bell tells of it."""
        from guanxi.core.jobs import periodic
        from guanxi.pages import notices, work
        from guanxi.warehouse import among, checks, news, tasks  # noqa: F401 - importing registers lookup and checks

        periodic.every(15, tasks.sync_lake)
        periodic.every(86_400, tasks.fold_lake, offset=19 * 3600)  # three in the morning in China
        periodic.every(86_400, tasks.run_marts, offset=20 * 3600)
        notices.register("lake", news.of_standstill)
        work.register(news.WORK, url_name="home", permission=news.PERMISSION)

"""How Django finds this context, and what it registers when the program starts."""

from collections.abc import Iterator
from pathlib import Path

from django.apps import AppConfig
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.pages import navigation, panels

PRODUCT_PANELS: tuple[tuple[str, Promise, panels.Place, int], ...] = (
    ("sales", _("Sales over time"), "main", 5),
    ("prices", _("Price and cost"), "main", 4),
    ("together", _("Bought with"), "main", 3),
    ("buyers", _("Buyers"), "side", 4),
    ("alike", _("Similar goods and accessories"), "side", 4),
)


class InsightConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.insight"
    label = "insight"

    def ready(self) -> None:
        """Declare the marts, the periodic work, the panels, the pages and what home shows."""
        from guanxi.catalog import selling
        from guanxi.customers import classes, places
        from guanxi.insight import home as ours
        from guanxi.insight import lately, naming
        from guanxi.insight.portable import PART
        from guanxi.pages import home, portable

        _register_marts()
        places.nobody("figures of the shop and its rules", *self.get_models())
        classes.provide(naming.named_classes)
        portable.register(PART)
        selling.register(lately.GoodsSold())
        home.register(ours.HEADLINE, ours.FIGURES, *ours.QUEUES, *ours.CARDS)
        _register_work()
        _register_words()
        _register_panels()
        _register_pages()


def _register_marts() -> None:
    from guanxi.insight.given import given
    from guanxi.warehouse.marts import Mart
    from guanxi.warehouse.registry import register

    files = sorted((Path(__file__).parent / "sql").glob("*.sql"))
    register(*(Mart(path.stem, path, given(path.stem)) for path in files))


def _register_work() -> None:
    from guanxi.core.jobs import periodic
    from guanxi.insight import tasks

    periodic.every(60, tasks.refresh_rfm)
    periodic.every(60, tasks.refresh_goods, offset=45)
    periodic.every(60, tasks.refresh_figures, offset=30)
    periodic.every(60, tasks.refresh_value, offset=15)
    periodic.every(60, tasks.refresh_forecast, offset=20)
    periodic.every(60, tasks.refresh_recommendations, offset=50)
    periodic.every(60, tasks.refresh_churn, offset=10)
    periodic.every(3600, tasks.keep_review, offset=50)


def _register_words() -> None:
    from guanxi.accounts import trail
    from guanxi.insight import costs, news, trials, versions
    from guanxi.insight.goals import words as goal_words
    from guanxi.insight.notebook import words as notebook_words
    from guanxi.pages import notices, work

    notices.register("figures", news.of_age)
    work.register(news.WORK, url_name="insight:rfm", permission=news.PERMISSION)
    notices.register("calendar", news.of_calendar)
    notices.register("review", news.of_review)
    trail.register("rfmscheme", versions.WORDS)
    trail.register("costs", costs.WORDS)
    trail.register("experiment", trials.WORDS)
    trail.register("goal", goal_words.WORDS)
    trail.register("notebook", notebook_words.WORDS)
    trail.register("decision", goal_words.DECISIONS)


def _register_pages() -> None:
    from guanxi.pages import setup

    for page in _pages():
        navigation.register(page)
    navigation.register(
        navigation.Entry("settings", "rules", _("Rules of value"), "insight:rules", permission="rules.change")
    )
    setup.register(
        setup.Card(
            "rfm", "records", _("Rules of value"), _("Recency, frequency, monetary: who counts as valuable."),
            "insight:rules", "chart-histogram", 50,
        )
    )  # fmt: skip


def _pages() -> Iterator[navigation.Entry]:
    for name, title, url_name, order in (
        ("value", _("Value"), "insight:rfm", 10),
        ("layers", _("Layers"), "insight:layers", 12),
        ("lifetime-value", _("Lifetime value"), "insight:value", 15),
        ("retention", _("Retention"), "insight:retention", 20),
        ("churn", _("Churn"), "insight:churn", 25),
        ("products", _("Products & baskets"), "insight:products", 30),
        ("places", _("Geography"), "insight:places", 35),
        ("channels", _("Channels"), "insight:channels", 40),
        ("forecast", _("Forecast"), "insight:forecast", 45),
        ("funnels", _("Funnels & paths"), "insight:funnels", 50),
        ("experiments", _("Experiments"), "insight:experiments", 70),
        ("recommendations", _("Recommendations"), "insight:recommendations", 55),
        ("lookalikes", _("Look-alikes"), "insight:lookalikes", 56),
        ("goals", _("Goals"), "insight:goals", 60),
    ):
        yield navigation.Entry("insight", name, title, url_name, order=order, permission="insight.view")
    yield navigation.Entry(
        "insight", "notebooks", _("Notebooks"), "insight:notebooks", order=90, permission="insight.view",
        also=("insight:marts",),
    )  # fmt: skip
    yield navigation.Entry(
        "data", "runs", _("Runs"), "insight:computations", "refresh", order=92, permission="insight.view"
    )


def _register_panels() -> None:
    for order, (name, title, place, height) in enumerate(PRODUCT_PANELS):
        panels.register(
            panels.Panel(
                subject="product", name=name, title=title, url_name=f"insight:product-{name}",
                place=place, order=order, height=height, permission="catalog.view",
            )
        )  # fmt: skip
    panels.register(
        panels.Panel(
            subject="customer", name="rfm", title=_("Why this class?"), url_name="insight:customer-rfm",
            place="side", order=20, permission="customers.view",
        )
    )  # fmt: skip
    panels.register(
        panels.Panel(
            subject="customer", name="value", title=_("Expected within 12 months"), url_name="insight:customer-value",
            place="side", order=21, permission="customers.view",
        )
    )  # fmt: skip
    panels.register(
        panels.Panel(
            subject="customer", name="next", title=_("Next best products"), url_name="insight:customer-next",
            place="side", order=22, tab="orders", permission="customers.view",
        )
    )  # fmt: skip
    panels.register(
        panels.Panel(
            subject="customer", name="return", title=_("Will they come back?"), url_name="insight:customer-return",
            place="side", order=23, tab="orders", permission="customers.view",
        )
    )  # fmt: skip

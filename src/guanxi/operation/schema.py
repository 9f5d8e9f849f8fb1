"""The book's schema by its migrations: which it has, which this program knows, and making that of a backup."""

from collections.abc import Iterable, Sequence

from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from guanxi.operation.errors import NotUpgradable

Applied = Sequence[Sequence[str]]


def applied() -> list[tuple[str, str]]:
    """List what was applied to the book, of the contexts there are."""
    ours = {app.label for app in apps.get_app_configs()}
    return sorted(key for key in MigrationRecorder(connection).applied_migrations() if key[0] in ours)


def known() -> set[tuple[str, str]]:
    """Name the migrations that this program has."""
    return set(MigrationLoader(None).disk_migrations or ())


def check_known(given: Applied) -> None:
    """Raise NotUpgradable where a book has a migration that this program lacks: it was used by a newer one."""
    mine = known()
    strange = [f"{app}.{name}" for app, name in given if (app, name) not in mine]
    if strange:
        raise NotUpgradable(
            f"The book was used by a newer Guanxi, which made {strange[-1]}; this one does not know it "
            "and would break it. Install the newer one again, or restore a backup from before."
        )


def make(given: Applied) -> None:
    """Make the tables of an empty database as they were when a book had these migrations."""
    executor = MigrationExecutor(connection)
    executor.migrate(leaves(executor.loader, {(app, name) for app, name in given}))


def leaves(loader: MigrationLoader, given: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Keep of applied migrations the last ones of each context; the others follow from them."""
    nodes, had = loader.graph.node_map, set(given)
    return sorted(
        key for key in had if not any(child.key[0] == key[0] and child.key in had for child in nodes[key].children)
    )

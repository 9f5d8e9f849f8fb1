"""The book's schema: brought up to date at the start of every command that needs it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

MIGRATING = 0x6775616E7869  # the number of our advisory lock on PostgreSQL


def pending() -> list[str]:
    """Name the migrations not yet applied, by comparing file names: the modules are not imported."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    return [
        f"{app.label}.{file.stem}"
        for app in apps.get_app_configs()
        for file in sorted(Path(app.path, "migrations").glob("[0-9]*.py"))
        if (app.label, file.stem) not in applied
    ]


def prepare() -> None:
    """Apply what is pending; two processes starting at once take turns."""
    if pending():
        with _turn():
            if pending():
                call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def _turn() -> Iterator[None]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [MIGRATING])
            try:
                yield
            finally:
                cursor.execute("select pg_advisory_unlock(%s)", [MIGRATING])
    else:
        with (settings.HOME / "migrate.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file closes, also by a crash
            yield

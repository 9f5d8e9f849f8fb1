"""What the doctor looks at on the machine: database, home, disk, clock, front-end files, registered work."""

import os
import platform
import shutil
import sqlite3
import stat
import time
from collections.abc import Iterator

import django
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import OperationalError, connection

from guanxi import __version__
from guanxi.core import book, effects
from guanxi.core.doctor import Finding, check, good, note, wrong
from guanxi.core.jobs import periodic
from guanxi.core.jobs.models import Job, State

SQLITE_SAFE = (3, 51, 3)
POSTGRES_LEAST = 15
FREE_LEAST = 2 * 1024**3
CLOCK_SLACK = 120
FRONT_END = [f"pages/vendor/{name}" for name in ("tabler.css", "gx.css", "htmx.js", "gx.js")]


@check("version")
def version() -> Iterator[Finding]:
    """Say what runs here, for whoever asks for help."""
    yield good(f"Guanxi {__version__}, Python {platform.python_version()}, Django {django.__version__}.")


@check("home")
def home() -> Iterator[Finding]:
    """Look at GUANXI_HOME: whose it is, who may read it, whether it can be written."""
    path = settings.HOME
    if not os.access(path, os.W_OK | os.X_OK):
        yield wrong(
            f"{path} cannot be written by this user.", f"Give it to the user who runs Guanxi: chown -R USER {path}"
        )
        return
    status = path.stat()
    if status.st_uid != os.geteuid():
        yield note(f"{path} belongs to another user (number {status.st_uid}).", "Run Guanxi as that user.")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield wrong(f"{path} can be read by other users of this machine.", f"Close it: chmod 700 {path}")
    else:
        yield good(f"{path} is ours alone.")


@check("disk")
def disk() -> Iterator[Finding]:
    """Look at the free space."""
    free = shutil.disk_usage(settings.HOME).free
    sentence = f"{free / 1024**3:.1f} GB are free."
    yield good(sentence) if free >= FREE_LEAST else wrong(sentence, "Make room, or move GUANXI_HOME to a larger disk.")


@check("book")
def database() -> Iterator[Finding]:
    """Look at the database: its version and settings, and whether the schema is up to date."""
    try:
        connection.ensure_connection()
    except OperationalError as error:
        yield wrong(f"The book cannot be opened: {' '.join(str(error).split())}", _way_in())
        return
    yield from (_postgresql() if connection.vendor == "postgresql" else _sqlite())
    pending = book.pending()
    yield (
        wrong(f"{len(pending)} migrations are pending.", "Run: guanxi migrate")
        if pending
        else good("The schema is up to date.")
    )


def _way_in() -> str:
    if connection.vendor == "postgresql":
        return (
            "Check that PostgreSQL runs and that GUANXI_DATABASE_URL names the right host, database, user and password."
        )
    return f"Check that {settings.DATABASES['default']['NAME']} may be written and lies on a local disk."


def _sqlite() -> Iterator[Finding]:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < SQLITE_SAFE:
        yield wrong(
            f"SQLite {version} is in use; before 3.51.3 it can lose committed writes (the WAL-reset bug).",
            "Install the newer library for this Python: pip install 'pysqlite3>=0.6.1'",
        )
    else:
        yield good(f"SQLite {version} is in use.")
    with connection.cursor() as cursor:
        cursor.execute("pragma journal_mode")
        mode = cursor.fetchone()[0]
        cursor.execute("pragma quick_check(1)")
        sound = cursor.fetchone()[0]
    if mode != "wal" and not connection.is_in_memory_db():  # type: ignore[attr-defined]
        yield wrong(
            f"The book's journal mode is {mode}, not WAL.",
            "Move GUANXI_HOME to a local disk; network disks cannot do it.",
        )
    if sound != "ok":
        yield wrong(f"The book's file is damaged: {sound}", "Stop Guanxi and restore the last backup.")


def _postgresql() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('server_version_num')::int, current_setting('server_encoding')")
        number, encoding = cursor.fetchone()
        cursor.execute("select extract(epoch from clock_timestamp())::float")
        ahead = cursor.fetchone()[0] - time.time()
    if number < POSTGRES_LEAST * 10_000:
        yield wrong(f"PostgreSQL {number // 10_000} is in use.", f"Move to PostgreSQL {POSTGRES_LEAST} or newer.")
    else:
        yield good(f"PostgreSQL {number // 10_000} is in use.")
    if encoding != "UTF8":
        yield wrong(
            f"The database's encoding is {encoding}.", "Create it anew: createdb --encoding=UTF8 --template=template0"
        )
    if abs(ahead) > CLOCK_SLACK:
        yield wrong(
            f"The database's clock is {ahead:+.0f} s off ours.", "Switch on time synchronisation (NTP) on both."
        )


@check("clock")
def clock() -> Iterator[Finding]:
    """Compare the clock with what was written down before: a clock that went back misorders everything."""
    newest = Job.objects.order_by("-pk").values_list("enqueued_at", flat=True).first()
    probe = settings.HOME / ".clock"
    probe.touch()
    drift = probe.stat().st_mtime - time.time()
    probe.unlink()
    if abs(drift) > CLOCK_SLACK:
        yield wrong(
            f"The disk's clock is {drift:+.0f} s off ours.", "Switch on time synchronisation (NTP) on both machines."
        )
    elif newest and newest.timestamp() > time.time() + CLOCK_SLACK:
        yield wrong(
            f"The newest job is dated {newest:%Y-%m-%d %H:%M} UTC, in the future.", "Set the clock, by NTP at best."
        )
    else:
        yield good(f"It is {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC.")


@check("front end")
def front_end() -> Iterator[Finding]:
    """Look whether the built files of the pages are there."""
    missing = [name for name in FRONT_END if not finders.find(name)]
    if missing:
        yield wrong(
            "The front-end files are not built.", "From a clone, run `make setup`; else install the wheel again."
        )
    else:
        yield good("The front-end files are there.")


@check("jobs")
def jobs() -> Iterator[Finding]:
    """Count the jobs that wait and those that were given up, and list the periodic work."""
    dead = Job.objects.filter(state=State.DEAD).count()
    if dead:
        yield note(f"{dead} jobs were given up after their last try.", "Look at their errors in the table core_job.")
    yield good(f"{Job.objects.due().count()} jobs wait.")
    yield note(
        "Periodic: " + ", ".join(f"{turn.task.name} every {turn.seconds} s" for turn in periodic.registered()) + "."
    )


@check("effects")
def effects_in_order() -> Iterator[Finding]:
    """List what happens together with each fact."""
    for fact, handlers in effects.registered().items():
        yield note(f"{fact}: {', '.join(handlers)}")

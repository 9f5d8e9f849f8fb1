"""What the doctor looks at: how old the last backup is, whether anything may be sent, where the book lies."""

import datetime as dt
from collections.abc import Iterator

from guanxi.core.doctor import Finding, check, good, note, wrong
from guanxi.operation import backup, move, sending
from guanxi.operation.errors import BookMoved

OLD = dt.timedelta(days=2)


@check("backup")
def backups() -> Iterator[Finding]:
    """Tell of the last backup taken from this home."""
    told, age = backup.last(), backup.age()
    if told is None or age is None:
        yield note("No backup was taken from this home.", "Run: guanxi backup FOLDER, every night at best")
    elif age > OLD:
        yield wrong(f"The last backup is {age.days} days old: {told['file']}", "Run: guanxi backup FOLDER")
    else:
        yield good(f"The last backup is of {told['made_at']}: {told['file']}")


@check("sending")
def sent() -> Iterator[Finding]:
    """Tell whether anything may be sent from here."""
    pause = sending.settle()
    if pause:
        yield note(
            f"All sending is paused since {pause.since:%Y-%m-%d %H:%M} UTC; reason: {pause.reason}.",
            "An owner ends the pause on the page Jobs.",
        )
    else:
        yield good("Messages may be sent from here.")


@check("place of the book")
def place() -> Iterator[Finding]:
    """Tell whether the book was moved away."""
    try:
        move.check_here()
    except BookMoved as error:
        yield wrong(str(error), "Name the database in GUANXI_DATABASE_URL.")

"""Leases: a named right that one process at a time holds, such as writing the lake; it ends when its holder dies."""

import datetime as dt
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from guanxi.core.errors import Refused
from guanxi.core.jobs.heartbeat import Heartbeat

TERM = dt.timedelta(seconds=30)


class LeaseTaken(Refused):
    """Another process holds the lease now."""


class Lease(models.Model):
    """One named right: who holds it, and until when unless renewed. The database's clock decides."""

    name = models.CharField(max_length=100, primary_key=True)
    holder = models.CharField(max_length=200)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.holder}"


def me() -> str:
    """Name this thread of this process to others: machine, process, thread."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


@contextmanager
def lease(
    name: str,
    *,
    wait: dt.timedelta | None = dt.timedelta(0),
    term: dt.timedelta = TERM,
    on_wait: Callable[[str], None] | None = None,
) -> Iterator[Heartbeat]:
    """Hold the lease `name` while the block runs; outside a transaction, or nobody else sees it.

    Waits up to `wait` (None: as long as it takes), telling `on_wait` once who holds it; raises LeaseTaken when in vain.
    The value's `check()` raises LeaseLost where the lease was lost meanwhile.
    """
    holder = me()
    _wait_for(name, holder, wait=wait, term=term, on_wait=on_wait)
    mine = Lease.objects.filter(name=name, holder=holder)
    try:
        with Heartbeat(name, lambda: bool(mine.update(until=Now() + term)), term=term.total_seconds()) as held:
            yield held
    finally:
        mine.update(until=Now() - dt.timedelta(days=1))


def _wait_for(
    name: str, holder: str, *, wait: dt.timedelta | None, term: dt.timedelta, on_wait: Callable[[str], None] | None
) -> None:
    begun, told = monotonic(), False
    while not _take(name, holder, term):
        other = Lease.objects.filter(name=name).values_list("holder", flat=True).first() or _("another process")
        said = {"work": called(name), "holder": other}
        if wait is not None and monotonic() - begun >= wait.total_seconds():
            raise LeaseTaken(_("%(work)s is being done by %(holder)s. Try again when it has finished.") % said)
        if on_wait and not told:
            on_wait(_("%(work)s is being done by %(holder)s; waiting for it.") % said)
            told = True
        sleep(0.2)


def called(name: str) -> str:
    """Name the work of a lease in the reader's language: its whole name, or all but its last word, is translated."""
    whole, (kind, _space, place) = _(name), name.rpartition(" ")
    return f"{_(kind)} {place}" if whole == name and kind else whole


def _take(name: str, holder: str, term: dt.timedelta) -> bool:
    _free_from_the_dead(name)
    if Lease.objects.filter(name=name, until__lt=Now()).update(holder=holder, until=Now() + term):
        return True
    if Lease.objects.filter(name=name).exists():
        return False
    free = Lease(name=name, holder="", until=dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
    Lease.objects.bulk_create([free], ignore_conflicts=True)
    return bool(Lease.objects.filter(name=name, until__lt=Now()).update(holder=holder, until=Now() + term))


def _free_from_the_dead(name: str) -> None:
    """End a lease whose holder ran on this machine and was killed: nobody has to wait for its term."""
    holder = Lease.objects.filter(name=name, until__gte=Now()).values_list("holder", flat=True).first()
    machine, _, rest = (holder or "").rpartition(":")[0].rpartition(":")
    if machine == socket.gethostname() and rest.isdecimal() and not _lives(int(rest)):
        Lease.objects.filter(name=name, holder=holder).update(until=Now() - dt.timedelta(days=1))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

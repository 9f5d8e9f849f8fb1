"""A heartbeat: a thread on a database connection of its own that keeps a claim alive while the work goes on."""

import contextlib
import threading
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Self

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from guanxi.core.errors import Failed


class LeaseLost(Failed):
    """The work was taken over by another process; what is not yet committed must not be."""


class Heartbeat:
    """Calls `renew` three times per term; lost when it answers False, or does not answer for a term."""

    def __init__(self, name: str, renew: Callable[[], bool], *, term: float) -> None:
        self.name, self.renew, self.term = name, renew, term
        self._refused = False
        self._renewed = monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat {name}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=1)  # not longer: it may be waiting for a lock that this thread holds

    @property
    def lost(self) -> bool:
        """Tell whether somebody else may have the claim by now; asks no database, so ask often."""
        return self._refused or monotonic() - self._renewed > self.term

    def check(self) -> None:
        """Raise LeaseLost where the claim is lost; call it before every commit that must not happen twice."""
        if self.lost:
            said = {"work": self.name}
            raise LeaseLost(_("%(work)s: another process has taken this work over. Nothing has to be done.") % said)

    def _beat(self) -> None:
        while not self._refused and not self._stop.wait(self.term / 3):
            with contextlib.suppress(DatabaseError):  # tried again at the next beat; `lost` knows how long ago
                asked = monotonic()
                self._refused = not self.renew()
                self._renewed = asked
        connection.close()

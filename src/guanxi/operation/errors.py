"""What operation refuses, and what breaks in its hands."""

from guanxi.core.errors import BadInput, Failed, Refused


class BadBackup(BadInput):
    """The file is no whole backup, or not of this kind of book."""


class InTheWay(Refused):
    """What would be overwritten is there already."""


class SendingPaused(Refused):
    """Nothing may be sent before a person confirms that this is the shop that sends."""


class NotUpgradable(Refused):
    """The book may not be brought up to date like this."""


class BookBusy(Refused):
    """Somebody has the book open."""


class BookMoved(Refused):
    """The book lies elsewhere now."""


class NotTheSame(Failed):
    """A copy is not what it was made from."""

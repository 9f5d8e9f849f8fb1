"""What guard refuses, and what breaks in its hands."""

from guanxi.core.errors import BadInput, Failed


class BadFile(BadInput):
    """The file is not what it should be."""


class BadAddress(BadInput):
    """The address may not be called."""


class BadToken(BadInput):
    """The link is forged, altered, meant for something else, or too old."""


class Unreadable(Failed):
    """A sealed value cannot be opened."""


class Unreachable(Failed):
    """The other side did not answer as it should."""


class NoSpace(Failed):
    """The disk is too full to take the file."""

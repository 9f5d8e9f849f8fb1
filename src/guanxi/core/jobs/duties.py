"""Duties: work that waits in tables of its own, worked off by whichever worker comes by between two jobs."""

from collections.abc import Callable

_duties: dict[str, Callable[[], bool]] = {}


def register(duty: Callable[[], bool]) -> None:
    """Have workers call `duty` again and again; it works for a second or two at most, and tells whether it worked."""
    _duties[f"{duty.__module__}.{duty.__qualname__}"] = duty


def tend() -> bool:
    """Do what there is to do; tells whether anything was."""
    return sum(duty() for duty in _duties.values()) > 0

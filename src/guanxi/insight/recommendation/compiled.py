"""Loops made into machine code, spread over the machine's cores by threads that wait for nobody."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import numba

Loop = TypeVar("Loop", bound=Callable[..., Any])
PIECES = 32  # a core; some goods are much more work than others


def compiled(loop: Loop) -> Loop:
    """Compile a loop when it is called first; kept on disk where there is a place that may be written."""
    try:
        return cast(Loop, numba.njit(nogil=True, cache=True)(loop))
    except RuntimeError:  # numba finds no such place
        return cast(Loop, numba.njit(nogil=True)(loop))


def spread(work: Callable[[int, int], object], size: int) -> None:
    """Call `work(first, last)` for pieces that cover `size` rows, at once on all cores."""
    cores = os.cpu_count() or 1
    step = max(1, -(-size // (cores * PIECES)))
    with ThreadPoolExecutor(cores) as pool:
        for _done in pool.map(lambda first: work(first, min(first + step, size)), range(0, size, step)):
            pass

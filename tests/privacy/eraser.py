"""A process that erases, to be killed: `python -m tests.privacy.eraser ERASURE [STATEMENT]` dies at that statement."""

import os
import sys
from itertools import count
from typing import Any


def main(erasure_id: str, last: str = "") -> None:
    import django

    django.setup()
    from django.db import connection

    from guanxi.privacy import erasing
    from guanxi.privacy.models import Erasure

    erasing.SMALL_BYTES = sys.maxsize
    numbers = count(1)

    def counting(execute: Any, *asked: Any) -> Any:
        if next(numbers) == int(last or 0):
            os._exit(9)
        return execute(*asked)

    with connection.execute_wrapper(counting):
        print(erasing.erase(Erasure.objects.get(pk=erasure_id)), next(numbers), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

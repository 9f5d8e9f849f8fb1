"""Who sends, and how many at once: a few threads beside the worker's other work, two at most for any one host.

A host that is slow keeps its own two threads busy until its calls time out, and nobody else: the worker hands out
rounds and goes on, and other hosts have theirs.
"""

import logging
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from time import monotonic

from django.db import DatabaseError, connection

from guanxi.core.jobs.run import stopping
from guanxi.ingest.models.webhook_delivery import with_something_due
from guanxi.ingest.webhooks.sending import may_send, send_next

log = logging.getLogger("guanxi.ingest")
PER_HOST = 2
THREADS = 16
SECONDS = 5.0  # that a round goes on before it makes room
_lock = threading.Lock()
_at_work: Counter[str] = Counter()


def tend() -> bool:
    """Begin a round for each webhook that has something due and whose host has room; waits for none of them."""
    due = list(with_something_due().order_by("pk").values_list("pk", "host"))
    if not due or not may_send():
        return False
    begun = [_begin(webhook, host) for webhook, host in due]
    return any(begun)


def at_work() -> int:
    """Count the rounds of this process that are under way."""
    return _at_work.total()


def send_all(webhook: int, *, seconds: float = SECONDS) -> int:
    """Send what is due of a webhook, here and now, until nothing is or the time is over; says how many attempts."""
    until, done = monotonic() + seconds, 0
    while monotonic() < until and not stopping.is_set() and send_next(webhook) is not None:
        done += 1
    return done


def _begin(webhook: int, host: str) -> bool:
    with _lock:
        if _at_work[host] >= PER_HOST or _at_work.total() >= THREADS:
            return False
        _at_work[host] += 1
    _pool().submit(_round, webhook, host)
    return True


def _round(webhook: int, host: str) -> None:
    try:
        send_all(webhook)
    except DatabaseError:
        log.exception("The book cannot be reached; what is due stays due.")
    except Exception:
        log.exception("A round for a webhook broke off; its delivery is sent again when its lease ends.")
    finally:
        connection.close()
        with _lock:
            _at_work[host] -= 1


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="webhooks")

"""Processes that meet the same people at once: one phone is one customer, whoever came first."""

import multiprocessing
import os
from random import Random
from typing import Any

import pytest
from django.db import connections

from guanxi.customers.models import Customer, Identifier, SourceProfile
from guanxi.identity.resolution import Identification, resolve
from guanxi.identity.settling import misplaced
from tests.identity.test_resolution import phone, seen

pytestmark = pytest.mark.django_db(transaction=True)
PROCESSES = 4 if os.environ.get("GUANXI_TORTURE") else 2
ROUNDS = 400 if os.environ.get("GUANXI_TORTURE") else 12


def meet_everybody(nth: int, gate: Any, failures: Any) -> None:
    """Meet the same people as the others, in an order of one's own, now and then by a mark that makes two one."""
    connections.close_all()
    dice = Random(nth)
    try:
        for start in range(0, ROUNDS, 4):
            people = [
                seen(
                    f"{nth}-{n}",
                    phone(f"+86137{n:08}"),
                    *([Identification(kind="email", value=f"{n // 3}@example.com")] if dice.random() < 0.5 else []),
                )
                for n in range(start, start + 4)
            ]
            dice.shuffle(people)
            gate.wait(60)
            resolve(people)
    except Exception as error:  # noqa: BLE001 - told to the test, which fails by it
        failures.put(repr(error))
        gate.abort()
    finally:
        connections.close_all()


def test_processes_that_meet_the_same_new_people_at_once_find_one_customer_each() -> None:
    context = multiprocessing.get_context("fork")
    gate, failures = context.Barrier(PROCESSES), context.Queue()
    resolve([seen("warm", phone("+8613899999999"))])  # the rules are written down by now
    connections.close_all()
    workers = [context.Process(target=meet_everybody, args=(nth, gate, failures)) for nth in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(300)
    assert failures.empty(), failures.get()
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    assert SourceProfile.objects.count() == PROCESSES * ROUNDS + 1
    for digest in set(Identifier.objects.filter(kind="phone").values_list("digest", flat=True)):
        assert Customer.objects.filter(profiles__identifiers__digest=digest, survivor=None).distinct().count() == 1
    assert misplaced(SourceProfile.objects.values_list("pk", flat=True)) == {}

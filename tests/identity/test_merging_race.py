"""Processes that merge and take back overlapping customers at once: nobody waits for ever, and the log tells it all."""

import multiprocessing
import os
from random import Random
from typing import Any

import pytest
from django.db import connections

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer, SourceProfile
from guanxi.identity.merging import NotOnePerson, merge, unmerge
from guanxi.identity.models import Merge
from guanxi.identity.settling import misplaced
from tests.identity.people import person

pytestmark = pytest.mark.django_db(transaction=True)
PROCESSES = 4 if os.environ.get("GUANXI_TORTURE") else 2
ROUNDS = 200 if os.environ.get("GUANXI_TORTURE") else 10
PEOPLE = 6


def merge_and_take_back(nth: int, people: list[int], by: int, gate: Any, failures: Any) -> None:
    """Merge some of the same people as the others, in an order of one's own, and take some merges back."""
    connections.close_all()
    dice, staff = Random(nth), Staff.objects.get(pk=by)
    try:
        gate.wait(60)
        for _round in range(ROUNDS):
            try:
                act = Merge.objects.in_force().order_by("?").first()
                if act and dice.random() < 0.4:
                    unmerge(act, by=staff)
                else:
                    merge(dice.sample(people, dice.choice([2, 3])), by=staff)
            except NotOnePerson:  # somebody else was quicker
                continue
    except Exception as error:  # noqa: BLE001 - told to the test, which fails by it
        failures.put(repr(error))
    finally:
        connections.close_all()


def test_processes_that_merge_overlapping_people_at_once_leave_what_the_log_says(agent: Staff) -> None:
    people = [person(nth) for nth in range(1, PEOPLE + 1)]
    for each in people:
        each.annotate_with("note", by=agent)
    context = multiprocessing.get_context("fork")
    gate, failures = context.Barrier(PROCESSES), context.Queue()
    keys = [each.pk for each in people]
    misplaced(SourceProfile.objects.values_list("pk", flat=True))  # the rules are written down by now
    connections.close_all()
    workers = [
        context.Process(target=merge_and_take_back, args=(nth, keys, agent.pk, gate, failures))
        for nth in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(300)
    assert failures.empty(), failures.get()
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    assert misplaced(SourceProfile.objects.values_list("pk", flat=True)) == {}
    visible = set(Customer.objects.filter(survivor=None).values_list("pk", flat=True))
    assert set(SourceProfile.objects.values_list("customer", flat=True)) == visible
    for each in people:
        note = SourceProfile.objects.get(home=each).notes.get()
        assert note.customer == note.profile.customer
    for act in Merge.objects.in_force():
        unmerge(act, by=agent)
    assert not Customer.objects.filter(survivor__isnull=False).exists()

"""What people are told of background work that was given up."""

import pytest

from guanxi.core.jobs.models import Job
from guanxi.pages.work import sentence


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("", ""),
        ("The shop is closed.", "The shop is closed."),
        ('File "a.py"\n  x()\nLakeBroken: A file is missing. Ask.', "A file is missing. Ask."),
        ('File "a.py"\n  x()\nKeyError', "Something broke on our side; the log of the worker says what, as job 7."),
    ],
)
def test_people_are_told_a_sentence_and_never_a_trace(kept: str, said: str) -> None:
    assert sentence(Job(pk=7, error=kept)) == said

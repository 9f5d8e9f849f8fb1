"""Periodic work of accounts."""

import datetime as dt

from django.db.models.functions import Now
from django_tasks import task

from guanxi.accounts import chain
from guanxi.accounts.models import Answer, Meter, SentForm, Session, SignInAttempt


@task
def forget_old_attempts() -> None:
    """Delete yesterday's failed sign-ins, the sessions that have ended, the keys of forms and calls."""
    SignInAttempt.objects.filter(attempted_at__lt=Now() - dt.timedelta(days=1)).delete()
    SentForm.forget_old()
    Answer.forget_old()
    Meter.forget_old()
    Session.objects.filter(expire_date__lt=Now()).delete()


@task
def seal_the_trail() -> None:
    """Link the newest entries of the audit trail into its chain."""
    chain.seal_new()

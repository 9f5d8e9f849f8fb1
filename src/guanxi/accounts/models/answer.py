"""What was answered to requests that bear an idempotency key: sent again, they are answered the same and do nothing."""

import datetime as dt
import json
from typing import Self

from django.db import models
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.accounts.models.api_key import ApiKey
from guanxi.core.errors import Refused
from guanxi.guard.sealing import context, seal, unseal

KEPT = dt.timedelta(days=2)
ABANDONED = dt.timedelta(minutes=15)
TOLD = ("Content-Type", "Location")


class KeyReused(Refused):
    """An idempotency key came again with something else in the request."""


class StillRunning(Refused):
    """The first request of an idempotency key has not been answered yet."""


class RightsMoved(Refused):
    """What was answered before was answered to somebody who might see something else than now."""


class Answer(models.Model):
    """One request with an idempotency key: a fingerprint of what was asked, and what was answered, sealed.

    It is answered again only to whoever may what they might then: a field that was hidden since stays hidden.
    """

    key = models.ForeignKey(ApiKey, models.CASCADE, related_name="answers")
    word = models.CharField(max_length=255)
    asked = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    sealed = models.BinaryField(null=True)
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint("key", "word", name="answer_once_per_key")]
        indexes = [models.Index("sent_at", name="answer_by_age")]

    def __str__(self) -> str:
        return f"{self.status}"

    @classmethod
    def claim(cls, key: ApiKey, word: str, asked: str) -> Self:
        """Find or begin the answer to a request; of two at once, the database lets one begin.

        Raises KeyReused where something else was asked under the same word, StillRunning where another process has
        begun and not answered.
        """
        answer, is_new = cls.objects.get_or_create(key=key, word=word, defaults={"asked": asked})
        if answer.asked != asked:
            raise KeyReused(_("This Idempotency-Key was used for another request. Send a new key with a new request."))
        if not is_new and answer.status is None and answer.sent_at > timezone.now() - ABANDONED:
            raise StillRunning(_("The first request with this Idempotency-Key is still at work. Try again shortly."))
        return answer

    def keep(self, response: HttpResponse, *, rights: str) -> None:
        """Keep what was answered, and to whom: `rights` tells what they may from what others may."""
        told = {name: response[name] for name in TOLD if name in response}
        self.status = response.status_code
        self.sealed = seal(json.dumps([told, response.content.decode(), rights]), self._place)
        self.save(update_fields=["status", "sealed"])

    def again(self, *, rights: str) -> HttpResponse:
        """Answer as before; raises RightsMoved where they may something else by now."""
        told, content, then = json.loads(unseal(self.sealed, self._place)) if self.sealed else ({}, "", rights)
        if then != rights:
            raise RightsMoved(
                _("This was done before, when the key had other rights. Nothing is done twice; read what there is now.")
            )
        return HttpResponse(content, status=self.status, headers={**told, "Idempotency-Replayed": "true"})

    @property
    def content(self) -> str:
        """What was answered, as text."""
        return str(json.loads(unseal(self.sealed, self._place))[1]) if self.sealed else ""

    @classmethod
    def forget_old(cls) -> None:
        """Delete the answers that nobody will ask for again."""
        cls.objects.filter(sent_at__lt=timezone.now() - KEPT).delete()

    @property
    def _place(self) -> str:
        return context("accounts_answer", self.pk, "sealed")

"""Forms that were sent: each carries a key of its own, and what was done by a key is not done again."""

import datetime as dt
import re
from collections.abc import Callable

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from guanxi.accounts.models.staff import Staff

KEY = re.compile(r"[\w-]{16,43}", re.ASCII)
KEPT = dt.timedelta(days=2)


class SentForm(models.Model):
    """One form that was sent, by the key it was drawn with, and where that led."""

    key = models.CharField(max_length=43, primary_key=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    led_to = models.CharField(max_length=2000, blank=True)
    sent_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key

    @classmethod
    def once(cls, key: str, act: Callable[[], str], *, by: Staff) -> str:
        """Do what a form asks, unless the same form was sent before; gives the address that led to.

        Two requests of one form may come at once: the second waits for the first, and is led to the same place. A form
        without a key, which none of our pages draws, is done each time.
        """
        if not KEY.fullmatch(key):
            return act()
        with transaction.atomic():
            sent, is_new = cls.objects.get_or_create(key=key, defaults={"by": by})
            if is_new:
                sent.led_to = act()
                sent.save(update_fields=["led_to"])
        return sent.led_to

    @classmethod
    def forget_old(cls) -> None:
        """Delete the keys of forms that nobody will send again."""
        cls.objects.filter(sent_at__lt=timezone.now() - KEPT).delete()

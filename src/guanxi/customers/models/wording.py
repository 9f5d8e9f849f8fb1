"""The words by which people are asked for a consent. What somebody agreed to never changes: others are a version."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from guanxi.accounts.models import AuditEntry
from guanxi.customers.models.channel import Channel, Purpose
from guanxi.customers.models.customer import STAFF


class WordingQuerySet(models.QuerySet["Wording"]):
    """Sets of wordings."""

    def in_force(self) -> Self:
        """Keep those by which people are asked now: one at most a channel, purpose and language."""
        return self.filter(retired_at=None)

    def about(self, channel: str, purpose: str) -> Self:
        """Keep those that ask for one channel and purpose."""
        return self.filter(channel=channel, purpose=purpose)

    def keyed(self, key: str) -> "Wording | None":
        """Find one by its key, such as `email.marketing.en.2`; None where there is none."""
        channel, purpose, language, version = [*key.split("."), "", "", ""][:4]
        if not (version.isascii() and version.isdigit() and len(version) < 8):
            return None
        return self.about(channel, purpose).filter(language=language, version=int(version)).first()


class Wording(models.Model):
    """One version of the words that ask for a channel and purpose in one language; its text never changes."""

    channel = models.CharField(max_length=10, choices=Channel)
    purpose = models.CharField(max_length=10, choices=Purpose)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    version = models.PositiveIntegerField()
    text = models.TextField(max_length=2000)
    by = models.ForeignKey(STAFF, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = WordingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("channel", "purpose", "language", "version", name="wording_once_a_version"),
            models.UniqueConstraint(
                "channel", "purpose", "language", condition=models.Q(retired_at=None), name="wording_one_in_force"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """The word by which files and programs name it."""
        return f"{self.channel}.{self.purpose}.{self.language}.{self.version}"

    @classmethod
    @transaction.atomic
    def write(cls, text: str, *, about: tuple[str, str], language: str, by: Any) -> "Wording":
        """Have people be asked by other words from now on: the next version. The same words again change nothing."""
        versions = cls.objects.about(*about).filter(language=language)
        last = versions.select_for_update().order_by("-version").first()
        now = versions.in_force().first()
        if now and now.text == text:
            return now
        versions.in_force().update(retired_at=timezone.now())
        told = {"channel": about[0], "purpose": about[1], "language": language, "text": text}
        made = cls.objects.create(version=last.version + 1 if last else 1, by_id=by and by.pk, **told)
        AuditEntry.write("wording.written", by=by, on=made, changes={"text": (now and now.text, text)})
        return made

    @transaction.atomic
    def retire(self, *, by: Any) -> None:
        """Have nobody be asked by it any more; who agreed to it did. Does nothing where it is retired."""
        if type(self).objects.in_force().filter(pk=self.pk).update(retired_at=timezone.now()):
            AuditEntry.write("wording.retired", by=by, on=self)

    @transaction.atomic
    def restore(self, *, by: Any) -> None:
        """Have people be asked by it again, in place of the one in force. Does nothing where it is in force."""
        if self.retired_at is None:
            return
        same = type(self).objects.about(self.channel, self.purpose).filter(language=self.language)
        same.in_force().update(retired_at=timezone.now())
        same.filter(pk=self.pk).update(retired_at=None)
        AuditEntry.write("wording.restored", by=by, on=self)

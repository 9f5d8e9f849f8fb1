"""What a person agreed to: a ledger per channel and purpose."""

from dataclasses import dataclass
from typing import ClassVar, Self

from django.db import models, transaction
from django.utils import timezone

from guanxi.accounts.models import Staff
from guanxi.customers.models.channel import Channel, Purpose
from guanxi.customers.models.customer import STAFF, CustomerFact, check_undo
from guanxi.customers.models.profile import Identifier
from guanxi.customers.models.wording import Wording
from guanxi.guard.sealing import context, seal, unseal

ADDRESSES = {
    Channel.EMAIL: (Identifier.Kind.EMAIL,),
    Channel.SMS: (Identifier.Kind.PHONE,),
    Channel.PHONE: (Identifier.Kind.PHONE,),
    Channel.WECHAT: (Identifier.Kind.OPENID, Identifier.Kind.UNIONID),
    Channel.PUSH: (Identifier.Kind.DEVICE,),
}


@dataclass(frozen=True)
class Proof:
    """What proves a consent: the wording somebody agreed to, and words of whoever saw it, kept sealed."""

    words: str = ""
    wording: Wording | None = None


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Sets of consents."""

    def in_force(self, channel: Channel | None = None, purpose: Purpose | None = None) -> Self:
        """Keep those not withdrawn, of a channel and purpose where named."""
        kept = self.filter(withdrawn_at=None)
        if channel is not None:
            kept = kept.filter(channel=channel)
        return kept.filter(purpose=purpose) if purpose is not None else kept

    def with_address(self) -> Self:
        """Keep those whose channel has an address: a phone for SMS, an e-mail for e-mail."""
        reached = models.Q()
        for channel, kinds in ADDRESSES.items():
            theirs = Identifier.objects.filter(
                profile__customer=models.OuterRef("customer"), kind__in=kinds, ends_on=None
            )
            reached |= models.Q(models.Exists(theirs), channel=channel)
        return self.filter(reached)

    def of(self, customer: models.OuterRef | models.Model) -> Self:
        """Keep those of one person."""
        return self.filter(customer=customer)

    def withdraw(self, *, by: Staff | None = None) -> int:
        """End them now and say how many there were."""
        return self.filter(withdrawn_at=None).update(withdrawn_at=timezone.now(), withdrawn_by=by)


class Consent(CustomerFact):
    """One agreement of a person to be spoken to by a channel for a purpose, until withdrawn."""

    channel = models.CharField(max_length=10, choices=Channel)
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.MARKETING)
    source = models.CharField(max_length=40)
    wording = models.CharField(max_length=40, blank=True, default="")  # as a source calls it that has its own
    asked_by = models.ForeignKey(Wording, models.PROTECT, null=True, blank=True, related_name="consents")
    proof = models.BinaryField(null=True, blank=True)
    agreed_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(STAFF, models.PROTECT, null=True, blank=True, related_name="+")
    overruled_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False, editable=False
    )  # the consent a person gave again, knowing of this withdrawal by another identity of theirs

    objects = ConsentQuerySet.as_manager()
    exported_fields: ClassVar = (
        "channel",
        "purpose",
        "source",
        "wording",
        "asked_by",
        "proof",
        "agreed_at",
        "withdrawn_at",
    )
    erased_fields: ClassVar = ("proof",)

    class Meta(CustomerFact.Meta):
        constraints = [
            models.UniqueConstraint(  # in the order in which a list asks who is reached by a channel
                "channel", "purpose", "customer", condition=models.Q(withdrawn_at=None), name="consent_one_in_force"
            )
        ]
        indexes = [
            *CustomerFact.Meta.indexes,
            models.Index("overruled_by", name="consent_overruling", condition=models.Q(overruled_by__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.purpose}"

    @property
    def wording_key(self) -> str:
        """The version of the words that were agreed to, or what a source calls its own."""
        return self.asked_by.key if self.asked_by else self.wording

    def prove_by(self, words: str) -> None:
        """Keep what proves the consent, sealed; does nothing without words."""
        if words:
            self.proof = seal(words, context("customers_consent", self.pk, "proof"))
            self.save(update_fields=["proof"])

    @property
    def proven_by(self) -> str:
        """What proves the consent, in the words of whoever wrote it down."""
        return unseal(self.proof, context("customers_consent", self.pk, "proof")) if self.proof else ""

    @transaction.atomic
    def restore(self, *, by: Staff) -> None:
        """Undo a withdrawal that was a mistake; does nothing where the person agreed again. TooLateToUndo later on."""
        if self.customer is None or self.withdrawn_at is None:
            return
        if Consent.objects.in_force(Channel(self.channel), Purpose(self.purpose)).of(self.customer).exists():
            return
        check_undo(self.withdrawn_at)
        self.withdrawn_at = self.withdrawn_by = None
        self.save(update_fields=["withdrawn_at", "withdrawn_by"])
        self.customer.record("Consent Restored", channel=self.channel, purpose=self.purpose, by=by.pk)
        self.customer.audit("consent_restored", by=by, **{f"{self.channel}.{self.purpose}": (False, True)})

    @transaction.atomic
    def retract(self, *, by: Staff) -> None:
        """Undo a consent written down by mistake: the person never gave it. TooLateToUndo after a while."""
        check_undo(self.agreed_at)
        if self.customer:
            self.customer.record("Consent Retracted", channel=self.channel, purpose=self.purpose, by=by.pk)
            self.customer.audit("consent_retracted", by=by, **{f"{self.channel}.{self.purpose}": (True, False)})
        self.delete()

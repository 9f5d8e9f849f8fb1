"""The company, its stores, and what foreign money was worth on a day."""

import zoneinfo
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from django.db import models, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.errors import Refused
from guanxi.core.money import CurrencyField


class CurrencyFixed(Refused):
    """A store has orders in its currency."""


class Company(models.Model):
    """The one company of this installation."""

    name = models.CharField(max_length=120, blank=True, default="")
    base_currency = CurrencyField()
    time_zone = models.CharField(max_length=64, default="UTC")
    demo_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "companies"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="company_only_one")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def found(cls, name: str, *, base_currency: str, time_zone: str, demo_on: date | None = None) -> "Company":
        """Set the company up before its first store; does nothing where there is one.

        `demo_on` is the day a made-up shop stands on; it stays empty for a real one.
        """
        told = {"name": name, "base_currency": base_currency, "time_zone": time_zone, "demo_on": demo_on}
        return cls.objects.get_or_create(pk=1, defaults=told)[0]

    @classmethod
    def current(cls) -> "Company | None":
        """Find the company, or None before the first store is set up."""
        return cls.objects.filter(pk=1).first()

    @transaction.atomic
    def rename(self, name: str, *, by: Staff) -> bool:
        """Call the shop otherwise; says whether that was anything new."""
        was = type(self).objects.select_for_update().get(pk=self.pk).name
        if was != name:
            type(self).objects.filter(pk=self.pk).update(name=name)
            AuditEntry.write("company.renamed", by=by, on=self, changes={"name": (was, name)})
        return was != name


class Store(models.Model):
    """A selling account with a currency and a zone, such as the Tmall flagship."""

    class Channel(models.TextChoices):
        """The kind of store."""

        OWN = "own", _("Own shop")
        TAOBAO = "taobao", _("Taobao")
        TMALL = "tmall", _("Tmall")
        JD = "jd", _("JD")
        YOUZAN = "youzan", _("Youzan")
        DOUYIN = "douyin", _("Douyin")
        WECHAT = "wechat", _("WeChat")
        SHOPIFY = "shopify", _("Shopify")
        OLIST = "olist", _("Olist")
        COUNTER = "counter", _("Counter")

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    channel = models.CharField(max_length=20, choices=Channel)
    currency = CurrencyField()
    time_zone = models.CharField(max_length=64, default="UTC")
    colour = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone by which this store's days are counted."""
        return zoneinfo.ZoneInfo(self.time_zone)

    def day_of(self, instant: datetime) -> date:
        """Which of the store's days an instant falls on."""
        return instant.astimezone(self.zone).date()

    @classmethod
    def open(cls, code: str, *, name: str, channel: str, currency: str, time_zone: str) -> "Store":
        """Find the store of this code, or set it up; the first one also gives the company its currency and zone."""
        store, _new = cls.objects.get_or_create(
            code=code, defaults={"name": name, "channel": channel, "currency": currency, "time_zone": time_zone}
        )
        Company.objects.get_or_create(pk=1, defaults={"base_currency": store.currency, "time_zone": store.time_zone})
        return store

    @property
    def has_orders(self) -> bool:
        """Whether anything was sold there yet."""
        return bool(self.orders.exists())

    @classmethod
    @transaction.atomic
    def add(cls, code: str, told: Mapping[str, Any], *, by: Staff) -> "Store":
        """Open a store by hand; does nothing where there is one of this code."""
        if found := cls.objects.filter(code=code).first():
            return found
        colour = told.get("colour", 0)
        store = cls.open(code, **{name: told[name] for name in ("name", "channel", "currency", "time_zone")})
        cls.objects.filter(pk=store.pk).update(colour=colour)
        AuditEntry.write("store.opened", by=by, on=store, changes={name: (None, value) for name, value in told.items()})
        return store

    @transaction.atomic
    def change(self, told: Mapping[str, Any], *, by: Staff) -> list[str]:
        """Change what is told of it; CurrencyFixed once it has orders, whose amounts would mean something else."""
        now = type(self).objects.select_for_update().get(pk=self.pk)
        changes = {name: (getattr(now, name), value) for name, value in told.items() if getattr(now, name) != value}
        if "currency" in changes and self.has_orders:
            said = gettext("“%(store)s” has orders in %(currency)s, so that stays. Open another store for %(other)s.")
            told = {"store": now.name, "currency": now.currency, "other": changes["currency"][1]}
            raise CurrencyFixed(said % told)
        if changes:
            type(self).objects.filter(pk=self.pk).update(**{name: value for name, (_was, value) in changes.items()})
            AuditEntry.write("store.changed", by=by, on=self, changes=changes)
            self.refresh_from_db()
        return list(changes)


class ExchangeRateQuerySet(models.QuerySet["ExchangeRate"]):
    """Sets of rates."""

    def between(self, currency: str, base: str) -> Self:
        """Keep the rates of one pair, newest first."""
        return self.filter(currency=currency, base=base).order_by("-on")

    def rate(self, currency: str, base: str, day: date) -> Decimal | None:
        """What one unit of `currency` was worth in `base` on a day; None where no rate was given by then."""
        if currency == base:
            return Decimal(1)
        found = self.between(currency, base).filter(on__lte=day).first()
        return found.rate if found else None

    def quote(self, currency: str, base: str, day: date, rate: Decimal) -> "ExchangeRate":
        """Write down what one unit was worth from a day on; another rate for the same day takes its place."""
        return self.update_or_create(currency=currency, base=base, on=day, defaults={"rate": rate})[0]


class ExchangeRate(models.Model):
    """What one unit of a currency was worth in another from a day on."""

    currency = CurrencyField()
    base = CurrencyField()
    on = models.DateField()
    rate = models.DecimalField(max_digits=18, decimal_places=8)

    objects = ExchangeRateQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("currency", "base", "on", name="exchange_rate_once_a_day")]

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.rate} {self.base} on {self.on}"

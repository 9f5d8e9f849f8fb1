"""What events say of goods."""

from django.db import models

from guanxi.core.money import CurrencyField


class GoodTold(models.Model):
    """What the stream told last of one SKU, and when: the catalogue follows it where nobody wrote something else."""

    sku = models.CharField(max_length=120, unique=True)
    at = models.DateTimeField()
    name = models.CharField(max_length=300, blank=True, default="")
    price_minor = models.BigIntegerField(null=True)
    currency = CurrencyField(blank=True, default="")

    def __str__(self) -> str:
        return self.sku

"""What a customer said of itself before others were merged into it."""

from django.db import models

from guanxi.customers.models.customer import Customer


class Telling(models.Model):
    """The attributes of one golden record that is made of several customers: its own, and those it shows now.

    Both are JSON by the names of attributes, days as ISO text. A customer whom nobody was merged into has none, nor has
    one who was merged: their own row says it. Where the row says something else than `shown`, somebody edited it since.
    An erasure deletes it.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="telling")
    own = models.JSONField(default=dict)
    shown = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"telling of customer {self.customer_id}"

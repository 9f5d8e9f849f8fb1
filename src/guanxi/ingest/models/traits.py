"""When people were told of."""

from django.db import models

from guanxi.customers.models import SourceProfile


class TraitsTold(models.Model):
    """When each attribute of a profile was told last by its source: a later call says more than an earlier one.

    `at` is an instant as text by the attribute's name. What was told stands with the profile itself.
    """

    profile = models.OneToOneField(SourceProfile, models.CASCADE, primary_key=True, related_name="+")
    at = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"traits of profile {self.profile_id}"

"""How a session finds who it belongs to."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from guanxi.accounts.models import Staff


class StaffBackend(ModelBackend):
    """Names and passwords, as Django checks them; whoever is found brings the rules of their role along."""

    def get_user(self, user_id: Any) -> Staff | None:
        """Find who is signed in, or nobody where they were deactivated."""
        return Staff.objects.with_rules().filter(pk=user_id, is_active=True).first()

"""The records of the people who work here."""

from guanxi.accounts.models.saved_view import ChosenColumns, SavedView, TooManyViews
from guanxi.accounts.models.sent_form import SentForm
from guanxi.accounts.models.staff import (
    LinkSpent,
    OwnerLink,
    SignInAttempt,
    Staff,
    Theme,
    TooManyAttempts,
    sign_in_form,
)

__all__ = [
    "ChosenColumns",
    "LinkSpent",
    "OwnerLink",
    "SavedView",
    "SentForm",
    "SignInAttempt",
    "Staff",
    "Theme",
    "TooManyAttempts",
    "TooManyViews",
    "sign_in_form",
]

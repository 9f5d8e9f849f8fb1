"""The records of the people who work here, and of what they did."""

from guanxi.accounts.models.answer import Answer, KeyReused, StillRunning
from guanxi.accounts.models.api_key import ApiKey, BadKey, Caller
from guanxi.accounts.models.audit import AppendOnly, AuditEntry, subject_of
from guanxi.accounts.models.invitation import Invitation
from guanxi.accounts.models.meter import Meter
from guanxi.accounts.models.role import RoleRules
from guanxi.accounts.models.rule import SecondFactorRule
from guanxi.accounts.models.saved_view import ChosenColumns, SavedView, TooManyViews
from guanxi.accounts.models.sent_form import SentForm
from guanxi.accounts.models.session import Session
from guanxi.accounts.models.staff import (
    LastOwner,
    LinkSpent,
    OwnerLink,
    SignInAttempt,
    Staff,
    Theme,
    TooManyAttempts,
    sign_in_form,
)

__all__ = [
    "Answer",
    "ApiKey",
    "AppendOnly",
    "AuditEntry",
    "BadKey",
    "Caller",
    "ChosenColumns",
    "Invitation",
    "KeyReused",
    "LastOwner",
    "LinkSpent",
    "Meter",
    "OwnerLink",
    "RoleRules",
    "SavedView",
    "SecondFactorRule",
    "SentForm",
    "Session",
    "SignInAttempt",
    "Staff",
    "StillRunning",
    "Theme",
    "TooManyAttempts",
    "TooManyViews",
    "sign_in_form",
    "subject_of",
]

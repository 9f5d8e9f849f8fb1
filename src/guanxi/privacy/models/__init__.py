"""The records of privacy. One module a noun; import them from here."""

from guanxi.privacy.models.copy import Copy
from guanxi.privacy.models.erasure import Erasure, NotErasable, Reason, Stone
from guanxi.privacy.models.retention import RetentionRule, RetentionRun

__all__ = ["Copy", "Erasure", "NotErasable", "Reason", "RetentionRule", "RetentionRun", "Stone"]

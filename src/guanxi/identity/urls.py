"""The routes of identity."""

from django.urls import path

from guanxi.core import converters
from guanxi.identity import rules_pages
from guanxi.identity.quality import pages as quality

converters.register("cus")

app_name = "identity"
urlpatterns = [
    path("settings/identity/", rules_pages.rules, name="rules"),
    path("customers/quality/", quality.quality, name="quality"),
    path("customers/quality/count/", quality.count, name="quality-count"),
    path("customers/quality/progress/", quality.progress, name="quality-progress"),
    path("customers/quality/<cus:customer_id>/email/", quality.email_acceptance, name="quality-email"),
    path("customers/quality/email/undo/", quality.email_undo, name="quality-email-undo"),
    path("settings/identity/progress/", rules_pages.progress, name="rules-progress"),
]

"""The routes of identity."""

from django.urls import path

from guanxi.identity import rules_pages

app_name = "identity"
urlpatterns = [
    path("settings/identity/", rules_pages.rules, name="rules"),
    path("settings/identity/progress/", rules_pages.progress, name="rules-progress"),
]

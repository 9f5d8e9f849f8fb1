"""The routes of identity."""

from django.urls import path

from guanxi.core import converters
from guanxi.identity import merge_pages, relation_pages, rules_pages
from guanxi.identity.duplicates import pages
from guanxi.identity.quality import pages as quality

converters.register("cus")

app_name = "identity"
urlpatterns = [
    path("settings/identity/", rules_pages.rules, name="rules"),
    path("settings/identity/rehearsals/<int:rehearsal_id>/", rules_pages.rehearsal, name="rules-rehearsal"),
    path("customers/quality/", quality.quality, name="quality"),
    path("customers/quality/count/", quality.count, name="quality-count"),
    path("customers/quality/progress/", quality.progress, name="quality-progress"),
    path("customers/quality/<cus:customer_id>/email/", quality.email_acceptance, name="quality-email"),
    path("customers/quality/email/undo/", quality.email_undo, name="quality-email-undo"),
    path("settings/identity/progress/", rules_pages.progress, name="rules-progress"),
    path("customers/<cus:customer_id>/identity/panel/", merge_pages.panel, name="panel"),
    path("customers/<cus:customer_id>/merging/", merge_pages.merging, name="merging"),
    path("customers/<cus:customer_id>/splitting/", merge_pages.splitting, name="splitting"),
    path("customers/<cus:customer_id>/merges/", merge_pages.merges, name="merges"),
    path("customers/<cus:customer_id>/relations/", relation_pages.panel, name="relations"),
    path("customers/<cus:customer_id>/relations/new/", relation_pages.addition, name="relation-new"),
    path(
        "customers/<cus:customer_id>/relations/<int:other_id>/<slug:way>/removal/",
        relation_pages.removal,
        name="relation-removal",
    ),
    path("customers/relations/<int:relation_id>/undo/", relation_pages.undo, name="relation-undo"),
    path("customers/merges/", merge_pages.history, name="merge-history"),
    path("customers/merges/<int:merge_id>/undo/", merge_pages.unmerging, name="unmerging"),
    path("customers/duplicates/", pages.queue, name="duplicates"),
    path("customers/duplicates/search/", pages.search, name="duplicates-search"),
    path("customers/duplicates/stop/", pages.stop, name="duplicates-stop"),
    path("customers/duplicates/progress/", pages.progress, name="duplicates-progress"),
    path("customers/duplicates/<int:pair_id>/decision/", pages.decision, name="duplicate-decision"),
    path("customers/duplicates/<int:pair_id>/undo/", pages.undo, name="duplicate-undo"),
]

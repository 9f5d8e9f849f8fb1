"""The routes of identity."""

from django.urls import path

from guanxi.core import converters
from guanxi.identity import merge_pages, relation_pages, rules_pages

converters.register("cus")

app_name = "identity"
urlpatterns = [
    path("settings/identity/", rules_pages.rules, name="rules"),
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
    path("customers/merges/<int:merge_id>/undo/", merge_pages.unmerging, name="unmerging"),
]

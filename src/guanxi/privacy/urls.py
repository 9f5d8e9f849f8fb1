"""Routes of privacy: the shop's settings, and what one person may ask for."""

from django.urls import path

from guanxi.core import converters
from guanxi.privacy import copy_pages, erasure_pages, person_pages, retention_pages, wording_pages

converters.register("cus")

app_name = "privacy"

SETTINGS = "settings/privacy/"
WORDING = f"{SETTINGS}wordings/<int:wording_id>/"
ONE = "customers/<cus:customer_id>/privacy/"

urlpatterns = [
    path(SETTINGS, wording_pages.wordings, name="wordings"),
    path(f"{SETTINGS}wordings/new/", wording_pages.wording_new, name="wording-new"),
    path(
        f"{SETTINGS}wordings/<int:wording_id>/retirement/", wording_pages.wording_retirement, name="wording-retirement"
    ),
    path(f"{WORDING}return/", wording_pages.wording_restoration, name="wording-return"),
    path(f"{SETTINGS}retention/", retention_pages.retention, name="retention"),
    path(f"{SETTINGS}retention/<slug:rule>/", retention_pages.rule, name="retention-rule"),
    path(f"{SETTINGS}erasures/", erasure_pages.erasures, name="erasures"),
    path(f"{SETTINGS}erasures/<int:erasure_id>/lifting/", erasure_pages.lifting, name="erasure-lifting"),
    path(f"{ONE}panel/", person_pages.panel, name="panel"),
    path(ONE, person_pages.person, name="person"),
    path(f"{ONE}proofs/", person_pages.proofs, name="proofs"),
    path(f"{ONE}copy/", copy_pages.copy, name="copy"),
    path(f"{ONE}copy/<int:copy_id>/", copy_pages.copy_file, name="copy-file"),
    path(f"{ONE}erasure/", erasure_pages.erasure, name="erasure"),
]

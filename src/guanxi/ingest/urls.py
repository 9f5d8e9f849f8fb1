"""Routes of the imports."""

from django.urls import path

from guanxi.core import converters
from guanxi.ingest import views
from guanxi.ingest.models import Import

converters.register(Import.PREFIX)

urlpatterns = [
    path("", views.imports, name="imports"),
    path("new/", views.new, name="import-new"),
    path("<imp:import_id>/", views.show, name="import"),
    path("<imp:import_id>/progress/", views.progress, name="import-progress"),
    path("<imp:import_id>/columns/", views.columns, name="import-columns"),
    path("<imp:import_id>/dry-run/", views.dry_run, name="import-dry-run"),
    path("<imp:import_id>/run/", views.run, name="import-run"),
    path("<imp:import_id>/stop/", views.stop, name="import-stop"),
    path("<imp:import_id>/resume/", views.resume, name="import-resume"),
    path("<imp:import_id>/undo/", views.undo, name="import-undo"),
    path("<imp:import_id>/removal/", views.removal, name="import-removal"),
    path("<imp:import_id>/rejected.csv", views.rejected_csv, name="import-rejected-csv"),
    path("<imp:import_id>/rejected.xlsx", views.rejected_xlsx, name="import-rejected-xlsx"),
]

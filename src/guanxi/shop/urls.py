"""Routes of the settings."""

from django.urls import path

from guanxi.shop import field_pages, views

app_name = "shop"

urlpatterns = [
    path("", views.home, name="home"),
    path("fields/", field_pages.fields, name="fields"),
    path("fields/new/", field_pages.new, name="field-new"),
    path("fields/<int:field_id>/", field_pages.edit, name="field"),
    path("fields/<int:field_id>/retirement/", field_pages.retirement, name="field-retirement"),
    path("fields/<int:field_id>/return/", field_pages.restoration, name="field-return"),
]

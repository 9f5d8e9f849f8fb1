"""Routes of the settings."""

from django.urls import path

from guanxi.shop import calendar_pages, field_pages, file_pages, look_pages, views

app_name = "shop"

urlpatterns = [
    path("", views.home, name="home"),
    path("fields/", field_pages.fields, name="fields"),
    path("fields/new/", field_pages.new, name="field-new"),
    path("fields/<int:field_id>/", field_pages.edit, name="field"),
    path("fields/<int:field_id>/retirement/", field_pages.retirement, name="field-retirement"),
    path("fields/<int:field_id>/return/", field_pages.restoration, name="field-return"),
    path("calendar/", calendar_pages.calendar, name="calendar"),
    path("calendar/new/", calendar_pages.new, name="entry-new"),
    path("calendar/<int:entry_id>/", calendar_pages.edit, name="entry"),
    path("calendar/<int:entry_id>/removal/", calendar_pages.removal, name="entry-removal"),
    path("calendar/<int:entry_id>/return/", calendar_pages.restoration, name="entry-return"),
    path("calendar/<slug:given>/hiding/", calendar_pages.hiding, name="given-hiding"),
    path("calendar/<slug:given>/showing/", calendar_pages.showing, name="given-showing"),
    path("look/", look_pages.look, name="look"),
    path("look/style.css", look_pages.style, name="style"),
    path("look/logo/<slug:digest>/", look_pages.logo, name="logo"),
    path("file/", file_pages.page, name="file"),
    path("file/guanxi-settings.json", file_pages.export, name="file-export"),
    path("file/difference/", file_pages.difference, name="file-difference"),
    path("file/import/", file_pages.taking, name="file-import"),
]

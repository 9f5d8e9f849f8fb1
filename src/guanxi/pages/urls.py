"""Routes of the shell: choices of the reader, and the gallery for its makers."""

from django.urls import path

from guanxi.pages import views

app_name = "pages"

urlpatterns = [
    path("choices/language/", views.language, name="language"),
    path("choices/theme/", views.theme, name="theme"),
    path("choices/change/", views.change_colours, name="change"),
    path("charts/file/", views.chart_file, name="chart-file"),
    path("gallery/", views.gallery, name="gallery"),
    path("gallery/charts/", views.gallery_charts, name="gallery-charts"),
    path("gallery/panel/<slug:state>/", views.gallery_panel, name="gallery-panel"),
]

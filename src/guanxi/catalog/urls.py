"""Routes of products."""

from django.urls import path

from guanxi.catalog import views
from guanxi.core import converters

converters.register("prd")

app_name = "catalog"

urlpatterns = [
    path("", views.products, name="list"),
    path("export.csv", views.export_csv, name="export-csv"),
    path("export.xlsx", views.export_xlsx, name="export-xlsx"),
    path("<prd:product_id>/", views.product, name="product"),
]

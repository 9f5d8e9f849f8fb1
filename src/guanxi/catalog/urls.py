"""Routes of products."""

from django.urls import path

from guanxi.catalog import views
from guanxi.core import converters

converters.register("prd")

app_name = "catalog"

urlpatterns = [
    path("", views.products, name="list"),
    path("<prd:product_id>/", views.product, name="product"),
]

"""The routes of insight."""

from django.urls import path

from guanxi.core import converters
from guanxi.insight import views

converters.register("cus")

app_name = "insight"
urlpatterns = [
    path("rfm/", views.rfm, name="rfm"),
    path("cooling/", views.cooling, name="cooling"),
    path("glance/sales/", views.home_sales, name="home-sales"),
    path("glance/moving/", views.home_moving, name="home-moving"),
    path("customers/<cus:customer_id>/rfm/", views.customer_rfm, name="customer-rfm"),
]

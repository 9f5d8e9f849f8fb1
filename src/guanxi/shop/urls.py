"""Routes of the settings."""

from django.urls import path

from guanxi.shop import views

app_name = "shop"

urlpatterns = [
    path("", views.home, name="home"),
]

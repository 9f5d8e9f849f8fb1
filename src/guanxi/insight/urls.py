"""The routes of insight."""

from django.urls import path

from guanxi.core import converters
from guanxi.insight import views

converters.register("cus")

app_name = "insight"
urlpatterns = [
    path("rfm/", views.rfm, name="rfm"),
    path("rfm/progress/", views.rfm_progress, name="rfm-progress"),
    path("rfm/rules/", views.rules, name="rules"),
    path("rfm/rules/outcome/", views.outcome, name="rules-outcome"),
    path("rfm/rules/versions/", views.versions, name="rules-versions"),
    path("customers/<cus:customer_id>/rfm/", views.customer_rfm, name="customer-rfm"),
]

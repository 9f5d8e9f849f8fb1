"""The routes of insight."""

from django.urls import path

from guanxi.core import converters
from guanxi.insight import stream_views, views

converters.register("cus")
converters.register("prd")

app_name = "insight"
urlpatterns = [
    path("rfm/", views.rfm, name="rfm"),
    path("value/", views.value, name="value"),
    path("rfm/progress/", views.rfm_progress, name="rfm-progress"),
    path("rfm/rules/", views.rules, name="rules"),
    path("rfm/rules/outcome/", views.outcome, name="rules-outcome"),
    path("rfm/rules/versions/", views.versions, name="rules-versions"),
    path("products/<prd:product_id>/sales/", views.product_sales, name="product-sales"),
    path("products/<prd:product_id>/prices/", views.product_prices, name="product-prices"),
    path("products/<prd:product_id>/together/", views.product_together, name="product-together"),
    path("products/<prd:product_id>/buyers/", views.product_buyers, name="product-buyers"),
    path("funnels/", stream_views.funnels, name="funnels"),
    path("funnels/people/", stream_views.funnel_people, name="funnel-people"),
    path("funnels/incidents/", stream_views.funnel_incidents, name="funnel-incidents"),
    path("funnels/paths/", stream_views.paths, name="paths"),
    path("funnels/arrivals/", stream_views.arrivals, name="arrivals"),
    path("funnels/searches/", stream_views.searches, name="searches"),
    path("cooling/", views.cooling, name="cooling"),
    path("moving/", views.movers, name="movers"),
    path("glance/sales/", views.home_sales, name="home-sales"),
    path("glance/moving/", views.home_moving, name="home-moving"),
    path("customers/<cus:customer_id>/value/", views.customer_value, name="customer-value"),
    path("customers/<cus:customer_id>/rfm/", views.customer_rfm, name="customer-rfm"),
]

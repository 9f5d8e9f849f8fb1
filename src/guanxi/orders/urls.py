"""Routes of orders, and of the panels they bring to a customer's page."""

from django.urls import path

from guanxi.core import converters
from guanxi.orders import own, reveal, store_pages, views

converters.register("cus")
converters.register("ord")

app_name = "orders"

urlpatterns = [
    path("", views.orders, name="list"),
    path("total/", views.total, name="total"),
    path("export.csv", views.export_csv, name="export-csv"),
    path("export.xlsx", views.export_xlsx, name="export-xlsx"),
    path("glance/unshipped/", views.home_unshipped, name="home-unshipped"),
    path("stores/", store_pages.stores, name="stores"),
    path("stores/company/", store_pages.company, name="company"),
    path("stores/new/", store_pages.store_new, name="store-new"),
    path("stores/<int:store_id>/", store_pages.store, name="store"),
    path("<ord:order_id>/", views.order, name="order"),
    path("<ord:order_id>/reveal/", reveal.reveal, name="reveal"),
    path("<ord:order_id>/fields/undo/", own.own_field_undo, name="own-field-undo"),
    path("<ord:order_id>/fields/<slug:own>/", own.own_field, name="own-field"),
    path("customers/<cus:customer_id>/figures/", views.customer_figures, name="customer-figures"),
    path("customers/<cus:customer_id>/orders/", views.customer_orders, name="customer-orders"),
]

"""Every route of Guanxi: each context brings its own `urls.py`."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from guanxi.web import api, reference, views

CONTEXTS = {
    "accounts": "",
    "customers": "customers/",
    "catalog": "products/",
    "orders": "orders/",
    "ingest": "imports/",
    "ingest.collection": "events/",
    "ingest.webhooks": "settings/webhooks/",
    "insight": "insight/",
    "identity": "",
    "operation": "jobs/",
    "privacy": "",
    "shop": "settings/",
    "pages": "",
}

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("glance/metrics/", views.home_metrics, name="home-metrics"),
    path("glance/queues/", views.home_queues, name="home-queues"),
    path("api/", reference.reference, name="api-reference"),
    path("api/v1/openapi.json", api.openapi, name="openapi"),
    path("api/v1/", api.urls()),
    path("api/<slug:tag>/", reference.group, name="api-reference-group"),
    *(
        path(prefix, include(f"guanxi.{context}.urls"))
        for context, prefix in CONTEXTS.items()
        if find_spec(f"guanxi.{context}.urls")
    ),
]

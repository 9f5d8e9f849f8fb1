"""Every route of Guanxi: each context brings its own `urls.py`."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

CONTEXTS = {
    "accounts": "",
    "customers": "customers/",
    "catalog": "products/",
    "orders": "orders/",
    "ingest": "imports/",
    "insight": "insight/",
    "pages": "",
}

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(url="/customers/"), name="home"),
    *(
        path(prefix, include(f"guanxi.{context}.urls"))
        for context, prefix in CONTEXTS.items()
        if find_spec(f"guanxi.{context}.urls")
    ),
]

"""Routes of the sources of events, and of quarantine."""

from django.urls import path

from guanxi.core import converters
from guanxi.ingest.collection import quarantine_pages, views
from guanxi.ingest.models import EventSource, Quarantined

for _prefix in (EventSource.PREFIX, Quarantined.PREFIX):
    converters.register(_prefix)

urlpatterns = [
    path("", views.sources, name="event-sources"),
    path("sources/new/", views.new, name="event-source-new"),
    path("sources/<src:source_id>/", views.source, name="event-source"),
    path("sources/<src:source_id>/live/", views.live, name="event-source-live"),
    path("sources/<src:source_id>/edit/", views.edit, name="event-source-edit"),
    path("sources/<src:source_id>/key/", views.key, name="event-source-key"),
    path("sources/<src:source_id>/rotation/", views.rotation, name="event-source-rotation"),
    path("sources/<src:source_id>/retirement/", views.retirement, name="event-source-retirement"),
    path("quarantine/", quarantine_pages.quarantine, name="quarantine"),
    path("quarantine/chosen/", quarantine_pages.chosen, name="quarantine-chosen"),
    path("quarantine/<qua:quarantined_id>/", quarantine_pages.quarantined, name="quarantined"),
    path("quarantine/<qua:quarantined_id>/reveal/", quarantine_pages.reveal, name="quarantined-reveal"),
]

"""The application that the web server calls: the door of the collection API, and Django behind it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
pages = get_wsgi_application()

from guanxi.ingest.collection.door import Door  # noqa: E402 - its models need what the line above sets up

application = Door(pages)

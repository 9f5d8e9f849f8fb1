"""Readiness: `GET /health` answers 200 when requests can be served, and 503 with the reasons when not."""

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponseBase, JsonResponse

from guanxi.core import book


class Health:
    """Answers before every other middleware: a probe has no session, and often no host name that we know."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._migrated = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer `/health`, hand on the rest."""
        if request.path != "/health":
            return self.get_response(request)
        reasons = self._unready()
        body = {"status": "unready", "reasons": reasons} if reasons else {"status": "ready"}
        return JsonResponse(body, status=503 if reasons else 200, headers={"Cache-Control": "no-store"})

    def _unready(self) -> list[str]:
        """List what keeps us from serving; a schema seen to be up to date stays so while this process lives."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("select 1")
            pending = [] if self._migrated else book.pending()
        except DatabaseError:
            return ["The book cannot be reached."]
        self._migrated = not pending
        return [f"{len(pending)} migrations are pending."] if pending else []

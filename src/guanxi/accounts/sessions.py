"""How a session is read and written: with who is signed in, on what, since when."""

import datetime as dt
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.utils import timezone

from guanxi.accounts.devices import device_of
from guanxi.accounts.models import Session
from guanxi.guard.masking import mask_ip

SELDOM = dt.timedelta(minutes=10)  # between two notes that a session was used


class SessionStore(db.SessionStore):
    """Django's, on our rows; a session that was ended meanwhile is not written back."""

    row: Session | None = None
    agent, address = "", ""

    @classmethod
    def get_model_class(cls) -> Any:
        """Say where sessions are kept."""
        return Session

    def _get_session_from_db(self) -> Session | None:
        self.row = super()._get_session_from_db()  # type: ignore[misc]  # the stubs lack it
        return self.row

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Make or take along the row; when and where it began stays."""
        key = self._get_or_create_session_key()  # type: ignore[attr-defined]
        if self.row is None or self.row.session_key != key:
            device, place = device_of(self.agent), mask_ip(self.address)
            self.row = Session(session_key=key, device=device, started_from=place, seen_from=place)
        self.row.session_data, self.row.expire_date = self.encode(data), self.get_expiry_date()
        self.row.staff_id = data.get("_auth_user_id")
        return self.row

    def note_use(self) -> None:
        """Keep that it is in use and from where, every ten minutes."""
        now = timezone.now()
        if self.row and now - self.row.seen_at > SELDOM:
            self.row.seen_at, self.row.seen_from = now, mask_ip(self.address)
            Session.objects.filter(pk=self.row.pk).update(seen_at=now, seen_from=self.row.seen_from)


class Sessions(SessionMiddleware):
    """Django's, which tells a session what browser it is of and where that stands."""

    def process_request(self, request: HttpRequest) -> None:
        """Find the session, unread."""
        super().process_request(request)
        session: Any = request.session
        session.agent, session.address = request.headers.get("User-Agent", ""), request.META.get("REMOTE_ADDR") or ""

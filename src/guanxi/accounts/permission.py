"""What a route asks of the role of whoever calls it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django_htmx.middleware import HtmxDetails

from guanxi.accounts.models import Staff

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class StaffRequest(HttpRequest):
    """A request of somebody who is signed in, as every route behind `needs` gets it."""

    user: Staff
    htmx: HtmxDetails


def needs(permission: str) -> Callable[[View], View]:
    """Let only those call a route whose role allows `permission`; the others are answered 403."""

    def guarding(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not isinstance(request.user, Staff) or not request.user.may(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return cast(View, guarded)

    return guarding

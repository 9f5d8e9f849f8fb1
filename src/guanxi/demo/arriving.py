"""What the pages of the shop send today: visitors nobody knows, by a source with a key, as any shop's pages would.

It comes in by the inbox and is worked off like everything else, with two calls among it that are none.
"""

import datetime as dt
import json
from collections.abc import Iterator
from random import Random
from typing import Any

from guanxi.accounts.models import Staff
from guanxi.core.time import now
from guanxi.customers import dispatch
from guanxi.demo.outlets import OWN, Outlet
from guanxi.demo.visits import TELL, Seen, visitors
from guanxi.ingest.collection import inbox, working
from guanxi.ingest.models import EventSource
from guanxi.orders.models import Store

VISITORS = 45
WITHIN = dt.timedelta(hours=20)
AGENTS = {
    "phone": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "tablet": "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15",
    "desktop": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0",
}
NO_CALLS = ({"type": "track", "event": "Product Viewed"}, {"type": "page", "anonymousId": 7.5, "name": "Tea"})


def arrive(by: Staff) -> None:
    """Have the pages send, unless they have; afterwards everybody was told of it."""
    for outlet in TELL:
        name = "hillsidetea.com" if outlet is OWN else "小程序 Mini program"
        if not EventSource.objects.filter(name=name).exists():
            _key, source = EventSource.make(
                name, namespace=outlet.code, by=by, store=Store.objects.get(code=outlet.code)
            )
            for calls in _visits(outlet):
                inbox.put(source.pk, json.dumps({"batch": calls}).encode())
    working.finish()
    dispatch.tell_all()


def _visits(outlet: Outlet) -> Iterator[list[dict[str, Any]]]:
    """Give the calls of one visit after the other, most of them of the last hours."""
    rng, until = Random(f"{outlet.code} today"), now()  # noqa: S311 - made up, the same every time
    for seen in visitors(rng, outlet, VISITORS):
        ended = until - WITHIN * rng.random() ** 3
        yield [_call(each, ended - (seen[-1].at - each.at)) for each in seen]
    if outlet is OWN:
        yield list(NO_CALLS)


def _call(seen: Seen, at: dt.datetime) -> dict[str, Any]:
    """Spell it as a library in a page would."""
    told = dict(seen.told)
    page = {name: told.pop(name) for name in ("path", "title", "referrer") if name in told}
    campaign = {name.removeprefix("utm_"): told.pop(name) for name in list(told) if name.startswith("utm_")}
    context = {"page": page, "campaign": campaign, "userAgent": AGENTS[told.pop("device")]}
    if "value" in told:
        told["price"] = told.pop("value")
    kind = {"type": "page"} if seen.name == "Page Viewed" else {"type": "track", "event": seen.name}
    said = {"anonymousId": seen.visitor, "timestamp": at.isoformat(), "properties": told, "context": context}
    return {**kind, **said}

"""Visits in the lake: what somebody did with no pause of more than half an hour.

A person is a customer, else the device nobody knows. What the shop itself wrote down, what was sent to people and what
became of their orders afterwards is part of no visit.
"""

# ruff: noqa: S608 - what stands in the SQL are names of our own

from guanxi.customers.dynamics.taking import NOT_THEIRS, OURS
from guanxi.warehouse.plans import text

WHO = "coalesce(customer_id, -profile_id)"
PAUSE = "interval '30' minute"
ELSEWHERE = (
    *sorted(NOT_THEIRS), "Consent Given", "Consent Withdrawn", "Consent Restored", "Consent Retracted",
    "Email Delivered", "Email Opened", "Email Bounced", "Email Marked as Spam", "Unsubscribed",
)  # fmt: skip


def seen(*columns: str) -> str:
    """Spell the steps up to `seen`: one row an event, with `who`, `visit` (when the visit it belongs to began),
    `occurred_at`, `event_id` and `columns`. Parameters are `since` and `last`.
    """
    names = ", ".join(map(text, ELSEWHERE))
    own = ", ".join([f"{WHO} as who", "occurred_at", "event_id", *columns])
    return (
        f"gaps as (select {own}, lag(occurred_at) over (partition by {WHO} order by occurred_at, event_id) as earlier "
        f"from events where occurred_at >= $since and occurred_at < $last and profile_id is not null "
        f"and source <> {text(OURS)} and name not in ({names})),\n"
        f"seen as (select *, max(case when earlier is null or occurred_at > earlier + {PAUSE} then occurred_at end) "
        "over (partition by who order by occurred_at, event_id) as visit from gaps)"
    )

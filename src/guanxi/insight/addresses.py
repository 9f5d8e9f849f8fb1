"""Where the people and the orders behind a figure are listed."""

import datetime as dt

from django.urls import reverse
from django.utils.http import urlencode


def people(**narrowed: object) -> str:
    """Write the address of the customers in a class or in bands: `people(r=5, f=4)`."""
    query = urlencode({name: str(value) for name, value in narrowed.items() if value})
    return reverse("customers:list") + ("?" + query if query else "")


def retained(**told: object) -> str:
    """Write the address of the people behind a figure of retention: `retained(cohort="2010-12", month=3)`."""
    query = urlencode({name: str(value) for name, value in told.items() if value not in {None, ""}})
    return f"{reverse('insight:retention-people')}?{query}"


def last_bought(first: dt.date | None, last: dt.date | None) -> str:
    """Write the address of the customers whose last order lies between two days; None leaves an end open."""
    return f"{reverse('customers:list')}?last={first or ''}..{last or ''}"


def placed(first: dt.date | str, last: dt.date | str) -> str:
    """Write the address of the orders of some days; words in braces are left for a chart to fill in."""
    return f"{reverse('orders:list')}?placed={first}..{last}"

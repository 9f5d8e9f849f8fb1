"""The list of customers narrowed to the people behind a figure."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guanxi.identity.quality.figures import FIGURES, WRITTEN
from guanxi.identity.quality.models import Behind
from guanxi.pages.filters import Filter


def behind(rows: Any, figure: str) -> Any:
    """Keep the customers behind a figure."""
    if figure in WRITTEN:
        return rows.filter(**WRITTEN[figure])
    return rows.filter(Exists(Behind.objects.under(figure).filter(customer=OuterRef("pk"))))


BEHIND = Filter("quality", _("Data quality"), {each.code: each.title for each in FIGURES.values()}, behind)


def people(figure: str) -> str:
    """Write the address of the customers behind a figure; a figure in braces is left for a chart to fill in."""
    return f"{reverse('customers:list')}?{BEHIND.name}={figure}"

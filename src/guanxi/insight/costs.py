"""What ways cost, as it is entered: one at a time, or a file of many."""

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.accounts.models import Staff
from guanxi.accounts.trail import Named, Words
from guanxi.core.errors import BadInput
from guanxi.core.money import to_minor
from guanxi.guard.filein import open_table
from guanxi.insight.models import MarketingCost
from guanxi.shop.forms import printable

COLUMNS = ("source", "campaign", "from", "to", "amount")
NEEDED = ("source", "from", "to", "amount")
MOST_ROWS, LONGEST = 5_000, 100
MOST = Decimal(10**12)
SPELLED = {"来源": "source", "活动": "campaign", "开始": "from", "结束": "to", "金额": "amount"}
FIRST = dt.date(2000, 1, 1)
GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
DATE, ISO = {"type": "date"}, "%Y-%m-%d"  # the one way in which browsers take a day


WORDS = Words(
    acts={
        "costs.entered": gettext_lazy("Entered marketing costs"),
        "costs.removed": gettext_lazy("Removed a marketing cost"),
    },
    fields={"rows": gettext_lazy("Rows"), "way": gettext_lazy("Source")},
    names=lambda keys: {key: Named(gettext_lazy("Marketing costs"), reverse("insight:costs")) for key in keys},
)


class BadCosts(BadInput):
    """A file of costs that cannot be taken; the text names the row and what to mend."""


class CostForm(forms.Form):
    """What one way cost over some days."""

    source = forms.CharField(
        label=gettext_lazy("Source"), max_length=LONGEST, validators=[printable],
        help_text=gettext_lazy("As visits tell it: the utm_source of your links, or the site people came from."),
    )  # fmt: skip
    campaign = forms.CharField(
        label=gettext_lazy("Campaign"), max_length=LONGEST, required=False, validators=[printable],
        help_text=gettext_lazy("The utm_campaign; empty for all of the source."),
    )  # fmt: skip
    starts_on = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs=DATE, format=ISO))
    ends_on = forms.DateField(label=gettext_lazy("To"), widget=forms.DateInput(attrs=DATE, format=ISO))
    amount = forms.DecimalField(
        label=gettext_lazy("Spent"), max_value=MOST, min_value=Decimal("0.01"),
        help_text=gettext_lazy("In the shop's currency, for all these days together."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Refuse days that end before they begin."""
        told: dict[str, Any] = super().clean() or {}
        if told.get("starts_on") and told.get("ends_on") and told["ends_on"] < told["starts_on"]:
            self.add_error("ends_on", _("The days end before they begin."))
        return told

    def cost(self, *, by: Staff, currency: str) -> MarketingCost:
        """Give what the form says."""
        told = {name: self.cleaned_data[name] for name in ("source", "campaign", "starts_on", "ends_on")}
        return MarketingCost(**told, amount_minor=to_minor(self.cleaned_data["amount"], currency), by=by)


class CostFileForm(forms.Form):
    """A file of costs."""

    file = forms.FileField(
        label=gettext_lazy("File"), widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.tsv,.txt"}),
        help_text=gettext_lazy("CSV or Excel with the columns source, campaign, from, to, amount."),
    )  # fmt: skip


def read(path: Path, *, name: str, by: Staff, currency: str) -> list[MarketingCost]:
    """Read a file of costs, all or nothing; the same way and days twice are added up. Raises BadCosts and BadFile."""
    found: dict[tuple[Any, ...], MarketingCost] = {}
    for number, row in enumerate(_rows(path, name), 2):
        cost = _cost(row, number, by=by, currency=currency)
        key = (cost.source, cost.campaign, cost.starts_on, cost.ends_on)
        if key in found:
            found[key].amount_minor += cost.amount_minor
        else:
            found[key] = cost
    if not found:
        raise BadCosts(_("There is no row in this file."))
    return list(found.values())


def _rows(path: Path, name: str) -> Iterator[dict[str, str]]:
    with open_table(path, name=name) as table:
        names = {each: SPELLED.get(each.strip(), each.strip().casefold()) for each in table.columns}
        if missing := [each for each in NEEDED if each not in names.values()]:
            told = {"missing": ", ".join(missing), "there": ", ".join(table.columns)[:200]}
            raise BadCosts(_("The columns %(missing)s are missing. There are: %(there)s.") % told)
        count = 0
        for frame in table.batches():
            for row in frame.iter_rows(named=True):
                if (count := count + 1) > MOST_ROWS:
                    raise BadCosts(_("The file has more than %(most)s rows.") % {"most": MOST_ROWS})
                yield {names[each]: (row[each] or "").strip() for each in names}


def _cost(row: dict[str, str], number: int, *, by: Staff, currency: str) -> MarketingCost:
    form = CostForm(
        {"source": row["source"], "campaign": row.get("campaign", ""), "starts_on": _day(row["from"]),
         "ends_on": _day(row["to"]), "amount": _amount(row["amount"])}
    )  # fmt: skip
    if not form.is_valid():
        field, problems = next(iter(form.errors.as_data().items()))
        shown = {"starts_on": "from", "ends_on": "to"}.get(field, field)
        told = {"row": number, "column": shown, "problem": " ".join(problems[0].messages)}
        raise BadCosts(_("Row %(row)s, %(column)s: %(problem)s") % told)
    return form.cost(by=by, currency=currency)


def _day(told: str) -> str:
    """Give a day as ISO writes it, where it is written with other signs between."""
    return told.replace("/", "-").replace(".", "-").split(" ")[0]


def _amount(told: str) -> str:
    """Give an amount without what people put around it; a decimal comma stays, for the form to refuse."""
    plain = told.strip("¥$€£ ")
    plain = plain.replace(",", "") if GROUPED.fullmatch(plain) else plain
    try:
        return str(Decimal(plain))
    except InvalidOperation:
        return plain

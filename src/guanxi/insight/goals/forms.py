"""A goal and a decision as they are entered."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.accounts.models import Staff
from guanxi.insight.goals.figures import FIGURES, Figure, figures
from guanxi.insight.goals.models import Goal
from guanxi.insight.goals.standing import REMEMBERED, Standing, baseline
from guanxi.orders.models import Store
from guanxi.shop.forms import printable

LEAST, MOST = Decimal("0.01"), Decimal(10**12)
BOUNDS = {
    "min_value": gettext_lazy("A target is above nothing: enter 0.01 or more."),
    "max_value": gettext_lazy("No shop reaches that: enter a smaller target."),
}
LONGEST = dt.timedelta(days=5 * 366)
DATE, ISO = {"type": "date"}, "%Y-%m-%d"


def _active() -> Any:
    return Staff.objects.filter(is_active=True).order_by("pk")


class GoalForm(forms.Form):
    """A target for a figure and a date."""

    figure = forms.ChoiceField(
        label=gettext_lazy("Figure"), choices=lambda: [(each.key, each.title) for each in FIGURES]
    )
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False)
    way = forms.ChoiceField(
        label=gettext_lazy("Target is"),
        choices=[("to", gettext_lazy("a value to reach")), ("by", gettext_lazy("a rise in percent over the baseline"))],
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Target"), min_value=LEAST, max_value=MOST, decimal_places=2, error_messages=BOUNDS,
        help_text=gettext_lazy("Money in the shop's currency, shares and rises in percent."),
    )  # fmt: skip
    starts_on = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs=DATE, format=ISO))
    ends_on = forms.DateField(label=gettext_lazy("Reached by"), widget=forms.DateInput(attrs=DATE, format=ISO))
    owner = forms.ModelChoiceField(label=gettext_lazy("Who owns it"), queryset=Staff.objects.none())

    def __init__(self, *given: Any, today: dt.date, **more: Any) -> None:
        super().__init__(*given, **more)
        from guanxi.insight.models import TradingDay  # noqa: PLC0415 - that module reads the goals' models

        known = TradingDay.objects.exclude(channel="").order_by("channel").values_list("channel", flat=True).distinct()
        self.today = today
        channels = dict(Store.Channel.choices)
        offered = [("", _("All channels")), *((each, channels.get(each, each)) for each in known)]
        self.fields["channel"].choices = offered  # type: ignore[attr-defined]
        self.fields["owner"].queryset = _active()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse days that cannot be, and targets that nobody could miss or reach."""
        told: dict[str, Any] = super().clean() or {}
        if not self.errors:
            self._check_days(told["starts_on"], told["ends_on"])
        if not self.errors:
            self._check_target(told)
        return told

    def goal(self) -> Goal:
        """Give the goal that the form says."""
        told = self.cleaned_data
        kept = {name: told[name] for name in ("figure", "channel", "starts_on", "ends_on", "owner")}
        return Goal(**kept, target=told["target"], baseline=told["baseline"], raised_by=told["raised_by"])

    def _check_days(self, first: dt.date, last: dt.date) -> None:
        if last <= self.today:
            self.add_error("ends_on", _("This day is over. Choose a day to come."))
        elif last < first:
            self.add_error("ends_on", _("The days end before they begin."))
        elif last - first > LONGEST or first < self.today - REMEMBERED:
            self.add_error("starts_on", _("A goal begins within the last year and runs for five years at most."))

    def _check_target(self, told: dict[str, Any]) -> None:
        figure, relative = figures()[told["figure"]], told["way"] == "by"
        if told["channel"] and not figure.by_channel:
            self.add_error("channel", _("This figure is known for all channels together only."))
            return
        told["baseline"] = start = baseline(figure, told["starts_on"], told["ends_on"], told["channel"])
        told["raised_by"] = float(told["amount"]) / 100 if relative else None
        if relative and (start is None or start <= 0):
            self.add_error("way", _("There is nothing to rise from yet. Enter a value to reach instead."))
            return
        told["target"] = (start or 0) * (1 + told["raised_by"]) if relative else figure.entered(told["amount"])
        self._check_reach(told, figure)

    def _check_reach(self, told: dict[str, Any], figure: Figure) -> None:
        if figure.form == "share" and told["target"] > 1:
            self.add_error("amount", _("No share is above 100 percent."))
            return
        goal = Goal(
            **{name: told[name] for name in ("figure", "channel", "starts_on", "ends_on", "target", "baseline")}
        )
        now = Standing.read(goal, self.today).now
        if now is not None and now >= told["target"] and figure.kind != "ratio":
            self.add_error("amount", _("That is reached already: %(now)s.") % {"now": figure.said(now)})


class GoalChangeForm(forms.Form):
    """What may change of a goal; its figure, its start and its baseline stay."""

    amount = forms.DecimalField(
        label=gettext_lazy("Target"), min_value=LEAST, max_value=MOST, decimal_places=2, error_messages=BOUNDS
    )
    ends_on = forms.DateField(label=gettext_lazy("Reached by"), widget=forms.DateInput(attrs=DATE, format=ISO))
    owner = forms.ModelChoiceField(label=gettext_lazy("Who owns it"), queryset=Staff.objects.none())

    def __init__(self, *given: Any, goal: Goal, today: dt.date, **more: Any) -> None:
        super().__init__(*given, **more)
        self.goal, self.today = goal, today
        self.fields["owner"].queryset = _active()  # type: ignore[attr-defined]

    def target(self) -> float:
        """Give the target in the figure's unit; what is shown again as it was keeps its digits."""
        if "amount" not in self.changed_data:
            return self.goal.target
        return figures()[self.goal.figure].entered(self.cleaned_data["amount"])

    def clean_amount(self) -> Decimal:
        """Refuse a share above all."""
        amount: Decimal = self.cleaned_data["amount"]
        if figures()[self.goal.figure].form == "share" and amount > 100:
            raise forms.ValidationError(_("No share is above 100 percent."))
        return amount

    def clean_ends_on(self) -> dt.date:
        """Refuse a day that is over, unless it stays as it was."""
        day: dt.date = self.cleaned_data["ends_on"]
        if day < self.goal.starts_on or day - self.goal.starts_on > LONGEST:
            raise forms.ValidationError(_("The days end before they begin, or after more than five years."))
        if day <= self.today and day != self.goal.ends_on:
            raise forms.ValidationError(_("This day is over. Choose a day to come."))
        return day


class DecisionForm(forms.Form):
    """What was decided: who does it until when."""

    text = forms.CharField(label=gettext_lazy("Decision"), max_length=300, validators=[printable])
    owner = forms.ModelChoiceField(label=gettext_lazy("Who does it"), queryset=Staff.objects.none())
    due_on = forms.DateField(
        label=gettext_lazy("Until"), required=False, widget=forms.DateInput(attrs=DATE, format=ISO)
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["owner"].queryset = _active()  # type: ignore[attr-defined]

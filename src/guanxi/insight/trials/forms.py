"""What the pages of experiments take: a file, then which column is what."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.experiments.filed import Asked
from guanxi.guard.filein import normalise_header
from guanxi.shop.forms import printable

ARMS = {
    "arm",
    "version",
    "variant",
    "group",
    "bucket",
    "cell",
    "treatment",
    "组",
    "分组",
    "组别",
    "实验组",
    "版本",
    "方案",
}
LONGEST = 200


class TrialFileForm(forms.Form):
    """An experiment's file."""

    file = forms.FileField(
        label=gettext_lazy("File"), widget=forms.FileInput(attrs={"accept": ".csv,.gz,.xlsx,.tsv,.txt"}),
        help_text=gettext_lazy("CSV or Excel, one row a customer: a column names the arm, others are measured."),
    )  # fmt: skip


class ColumnsForm(forms.Form):
    """Which column names the arm, which are measured, and what the arms were to be."""

    name = forms.CharField(
        label=gettext_lazy("What is it called?"), max_length=100, required=False, validators=[printable]
    )
    arm = forms.ChoiceField(label=gettext_lazy("Column that names the arm"))
    metrics = forms.MultipleChoiceField(
        label=gettext_lazy("Columns to measure"), widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Numbers, or yes and no as TRUE and FALSE, 1 and 0; several are corrected together."),
    )  # fmt: skip
    control = forms.CharField(
        label=gettext_lazy("Arm to compare with"), max_length=LONGEST, required=False, validators=[printable],
        help_text=gettext_lazy("Empty: the one called control, else the first by name."),
    )  # fmt: skip
    weights = forms.CharField(
        label=gettext_lazy("How large the arms were to be"), max_length=LONGEST, required=False, validators=[printable],
        help_text=gettext_lazy("Such as A=90 B=10; empty where they were to be alike."),
    )  # fmt: skip
    covariate = forms.ChoiceField(
        label=gettext_lazy("Known before"), required=False,
        help_text=gettext_lazy("A column that foretells what is measured, such as spending the month before."),
    )  # fmt: skip

    def __init__(self, *args: Any, columns: tuple[str, ...], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(name, name) for name in columns]
        self.fields["arm"].choices = self.fields["metrics"].choices = choices  # type: ignore[attr-defined]
        self.fields["covariate"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]
        self.initial.setdefault("arm", next((name for name in columns if normalise_header(name) in ARMS), columns[0]))

    def clean_metrics(self) -> list[str]:
        """Refuse more metrics than a page shows."""
        found: list[str] = self.cleaned_data["metrics"]
        if len(found) > 12:
            raise forms.ValidationError(_("At most 12 columns at once."))
        return found

    @property
    def asked(self) -> Asked:
        """Give what was chosen."""
        told = self.cleaned_data
        return Asked(
            arm=told["arm"], metrics=told["metrics"], control=told["control"] or None, weights=told["weights"].split(),
            covariate=told["covariate"] or None,
        )  # fmt: skip

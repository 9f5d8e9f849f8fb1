"""Experiments on pages: a file is sent, its columns are chosen, and what it says is kept and told."""

from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.accounts.trail import Named, Words

WORDS = Words(
    acts={
        "experiment.read": gettext_lazy("Read an experiment"),
        "experiment.removed": gettext_lazy("Removed the reading of an experiment"),
    },
    fields={"name": pgettext_lazy("of a thing", "Name")},
    names=lambda keys: {key: Named(gettext_lazy("Experiment"), reverse("insight:experiments")) for key in keys},
)

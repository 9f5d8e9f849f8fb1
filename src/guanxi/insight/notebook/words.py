"""What the audit trail says of notebooks."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.accounts.trail import Named, Words

WORDS = Words(
    acts={
        "notebook.saved": _("Saved a notebook"), "notebook.removed": _("Removed a notebook"),
        "notebook.brought_back": _("Brought a notebook back"), "sql.asked": _("Asked the lake in SQL"),
        "sql.declined": _("Asked the lake in SQL, and was declined"),
        "sql.stopped": _("Stopped a query"), "sql.exported": _("Saved the answer of a query as a file"),
    },
    fields={
        "name": pgettext_lazy("of a thing", "Name"), "version": _("Version"), "sql": "SQL", "rows": _("Rows"),
        "form": _("File"), "reason": _("Reason"),
    },
    names=lambda keys: {key: Named(_("Notebook"), reverse("insight:notebooks")) for key in keys},
)  # fmt: skip

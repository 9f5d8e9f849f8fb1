"""What the audit trail says of goals and decisions."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.trail import Named, Words

WORDS = Words(
    acts={
        "goal.set": _("Set a goal"), "goal.changed": _("Changed a goal"), "goal.archived": _("Archived a goal"),
        "goal.removed": _("Removed a goal"), "goal.brought_back": _("Brought a goal back"),
    },
    fields={"target": _("Target"), "ends_on": _("Reached by"), "owner": _("Who owns it")},
    names=lambda keys: {key: Named(_("Goal"), reverse("insight:goals")) for key in keys},
)  # fmt: skip
DECISIONS = Words(
    acts={"decision.made": _("Made a decision"), "decision.done": _("Ticked a decision")},
    fields={"text": _("Decision")},
    names=lambda keys: {key: Named(_("Decision"), reverse("insight:goals-review")) for key in keys},
)

"""How Django finds this context, and what it registers when the program starts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """The app of this context."""

    name = "guanxi.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Register the periodic work, the words of the audit trail, and the pages of the settings."""
        from guanxi.accounts import oversight, tasks, trail
        from guanxi.core.jobs import periodic
        from guanxi.pages import chart_file
        from guanxi.pages.navigation import Entry, register

        periodic.every(86_400, tasks.forget_old_attempts)
        periodic.every(15, tasks.seal_the_trail)
        trail.own_words()
        chart_file.on_leaving(oversight.note_chart)
        register(Entry("settings", "staff", _("Staff & roles"), "staff", order=20, permission="staff.change"))
        register(Entry("settings", "keys", _("API keys"), "api-keys", "key", order=30, permission="staff.change"))
        register(Entry("settings", "audit", _("Audit"), "audit", order=90, permission="audit.view"))
        register(Entry("settings", "access", _("Access log"), "accesses", order=95, permission="access.view"))

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
        self._register_cards()
        from guanxi.accounts.portable import PARTS
        from guanxi.pages import portable

        portable.register(*PARTS)

    def _register_cards(self) -> None:
        from guanxi.pages.setup import Card, register

        staff, shown = "staff.change", _("Who changed what, and when; nobody can change that.")
        seen = _("Who looked at masked fields of customers, and for which reason.")
        second = _("A passkey or a code of your phone besides the password; owners may be made to have one.")
        register(
            Card("staff", "people", _("Staff"), _("Who works here, and invitations."), "staff", "users", 10, staff),
            Card("roles", "people", _("Roles and permissions"),
                 _("What each role may do, and how much of each field it sees."), "roles", "lock", 20, "roles.change"),
            Card("second-factor", "people", _("Second factor"), second, "second-factor", "shield-lock", 30, ""),
            Card("keys", "people", _("API keys"), _("Which programs may call, and what for."), "api-keys", "key", 40,
                 staff),
            Card("audit", "keeping", _("Audit"), shown, "audit", "checks", 20, "audit.view"),
            Card("access", "keeping", _("Access log"), seen, "accesses", "eye", 30, "access.view"),
        )  # fmt: skip
